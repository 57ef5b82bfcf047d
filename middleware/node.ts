import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { clientAddress, type ProxyTrust } from '../src/client-address.ts';
import type { Decision } from '../src/decide.ts';
import { createExchange, redactedBytes } from '../src/exchange.ts';
import type { Gate } from '../src/gate.ts';
import { functionOption, knownOptions } from '../src/options.ts';
import { problemResponse } from '../src/problem.ts';
import { maxBodyBytesOption } from './max-body-bytes.ts';
import { dropUnread, nodeHeader, readNodeBody, replaceNodeBody, sendKnown } from './node-body.ts';
import { type EgressOptions, egressOption, watchResponse } from './node-egress.ts';

export interface NodeOptions {
  /** Largest body taken in, in bytes, after decompression. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Whom to believe about the client's address. Default: nobody, so that it is the address of the connection. */
  readonly trust?: ProxyTrust;
  /** Has a gate look at responses too. Default: they go out as they are. */
  readonly egress?: EgressOptions;
}

const decisions = new WeakMap<IncomingMessage, Decision>();

/** The decision on a request; `undefined` where no gate ran. */
export function decisionOf(req: IncomingMessage): Decision | undefined {
  return decisions.get(req);
}

/**
 * Puts a gate in front of a listener of `node:http`. The listener gets the same request, its body still in the stream, or the
 * redacted one in its place.
 *
 * @throws {ConfigError} for options that cannot work.
 *
 * @example
 * createServer(portcullis(gate, (req, res) => res.end(decisionOf(req)?.id))).listen(3000);
 */
export function portcullis(gate: Gate, listener: RequestListener, options: NodeOptions = {}): RequestListener {
  functionOption('node.gate', gate?.inspect, 'give what createGate() returned');
  functionOption('node.listener', listener, 'give a function from request and response');
  knownOptions('node', options, ['maxBodyBytes', 'trust', 'egress']);
  const maxBodyBytes = maxBodyBytesOption('node.maxBodyBytes', options.maxBodyBytes);
  const addressOf = clientAddress('node.trust', options.trust);
  const egress = egressOption('node.egress', options.egress);

  return function portcullis(req, res): void {
    const header = (name: string): string | undefined => nodeHeader(req, name);
    const exchange = createExchange({
      method: req.method ?? 'GET',
      url: req.url ?? '/',
      header,
      address: addressOf(req.socket.remoteAddress, header),
      readBody: () => readNodeBody(req, res, maxBodyBytes),
    });
    const apply = (decision: Decision): void => {
      decisions.set(req, decision);
      if (res.destroyed || res.headersSent) return;
      dropUnread(req, res);
      if (decision.outcome !== 'allow') {
        if (decision.response) sendKnown(req, res, decision.response);
        return;
      }
      for (const [name, value] of Object.entries(decision.headers)) res.setHeader(name, value);
      if (decision.patches.length > 0) replaceNodeBody(req, redactedBytes(exchange, decision.patches));
      if (egress !== undefined) watchResponse(req, res, exchange, egress);
      listener(req, res);
    };
    let decided: Decision | Promise<Decision>;
    try {
      decided = gate.inspectNow(exchange);
    } catch {
      fail(req, res);
      return;
    }
    // What the listener throws is thrown as it would be without a gate.
    if (decided instanceof Promise) decided.then(apply, () => fail(req, res));
    else apply(decided);
  };
}

/** The gate itself failed, which only a clock that throws can make it do. */
function fail(req: IncomingMessage, res: ServerResponse): void {
  if (res.destroyed || res.headersSent) return;
  const nothing = { reasons: [], findings: [], patches: [], headers: {} };
  sendKnown(
    req,
    res,
    problemResponse({ outcome: 'deny', status: 503, code: 'PTC_D801', guard: 'gate', ...nothing }, ''),
  );
}
