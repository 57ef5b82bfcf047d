import { Buffer } from 'node:buffer';
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { ErrorRequestHandler, Express, Request, RequestHandler, Response } from 'express';
import { decisionOf, portcullis } from '../middleware/express.ts';
import { sendKnown } from '../middleware/node-body.ts';
import { DECISION_CODES, type DecisionCode } from '../src/errors.ts';
import type { Gate } from '../src/gate.ts';
import { problemResponse } from '../src/problem.ts';
import { ADMIN_PATH } from './admin/routes.ts';
import { errorKind, type Log } from './log.ts';
import type { PrometheusMeter } from './prometheus.ts';
import type { TrustProxy } from './trust-proxy.ts';

/** What the application is made of; `express` may be Express 5 or 4. */
export interface AppParts {
  readonly express: () => Express;
  readonly gate: Gate;
  readonly meter: PrometheusMeter;
  /** Names of stores that do not answer; empty when all do. */
  readonly notReady: () => readonly string[];
  /** Whose `X-Forwarded-For` is believed, as Express' `trust proxy` takes it. Default nobody's. */
  readonly trustProxy?: TrustProxy;
  readonly metricsAuth: { readonly user: string; readonly password: string } | undefined;
  readonly log: Log;
  /** The admin API, where there is one. */
  readonly admin?: RequestHandler | undefined;
}

/** The gateway's routes. */
export function createApp(parts: AppParts): Express {
  const app = parts.express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.set('trust proxy', parts.trustProxy ?? false);

  app.post('/v1/pcs/submit', portcullis(parts.gate), answerDecision);
  app.all('/v1/pcs/submit', refuse('PTC_D109', { allow: 'POST' }));

  if (parts.admin) app.use(ADMIN_PATH, parts.admin);

  app.get('/health', (_req, res) => sendText(res, 200, 'text/plain; charset=utf-8', 'OK'));
  app.get('/ready', (_req, res) => {
    const failing = parts.notReady();
    const body = failing.length === 0 ? { ready: true } : { ready: false, failing };
    sendText(res, failing.length === 0 ? 200 : 503, 'application/json', JSON.stringify(body));
  });
  app.get('/metrics', basicAuth(parts.metricsAuth), (_req, res, next) => {
    parts.gate
      .flush()
      .then(() => parts.meter.text())
      .then((text) => sendText(res, 200, parts.meter.contentType, text))
      .catch(next);
  });
  for (const path of ['/health', '/ready', '/metrics']) app.all(path, refuse('PTC_D109', { allow: 'GET, HEAD' }));

  app.use(refuse('PTC_D110'));
  app.use(answerError(parts.log));
  return app;
}

/** In the PCS preset the answer is a pure function of the decision, so the gate has made it already. */
function answerDecision(req: Request, res: Response): void {
  const response = decisionOf(res)?.response;
  if (response === undefined) throw new Error('the gate gave no answer');
  sendKnown(req, res, response);
}

function refuse(code: DecisionCode, headers: Readonly<Record<string, string>> = {}): RequestHandler {
  return function refuse(req, res) {
    sendRefusal(req, res, code, headers);
  };
}

function sendRefusal(req: Request, res: Response, code: DecisionCode, headers: Readonly<Record<string, string>>): void {
  const { status } = DECISION_CODES[code];
  const ruling = { outcome: 'deny', status, code, guard: 'gateway', headers } as const;
  sendKnown(req, res, problemResponse({ ...ruling, reasons: [], findings: [], patches: [] }, randomUUID()));
}

/** What nobody foresaw: 503 without a word of the error; the log gets its kind. */
function answerError(log: Log): ErrorRequestHandler {
  return function answerError(error, req, res, next) {
    log('error', 'request_failed', { error: errorKind(error) });
    if (res.headersSent) return next(error);
    sendRefusal(req, res, 'PTC_D801', { 'retry-after': '1' });
  };
}

/** Compares digests, so that neither length nor content shows in the time it takes. */
function basicAuth(expected: AppParts['metricsAuth']): RequestHandler {
  if (expected === undefined) return (_req, _res, next) => next();
  const want = sha256(`Basic ${Buffer.from(`${expected.user}:${expected.password}`).toString('base64')}`);
  return function basicAuth(req, res, next) {
    if (timingSafeEqual(sha256(req.headers.authorization ?? ''), want)) return next();
    sendRefusal(req, res, 'PTC_D307', { 'www-authenticate': 'Basic realm="metrics", charset="UTF-8"' });
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function sendText(res: Response, status: number, type: string, text: string): void {
  res.statusCode = status;
  res.setHeader('content-type', type);
  res.setHeader('cache-control', 'no-store');
  res.end(text);
}
