import { randomUUID } from 'node:crypto';
import { addressKey, INVALID_ADDRESS_KEY } from '../../src/address.ts';
import { ConfigError, DECISION_CODES, type DecisionCode } from '../../src/errors.ts';
import type { KnownResponse } from '../../src/guard.ts';
import { checkLimits } from '../../src/guards/rate-limit/limits.ts';
import { memoryRateStore } from '../../src/guards/rate-limit/memory-store.ts';
import type { RateResult } from '../../src/guards/rate-limit/store.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import type { Meter } from '../../src/telemetry/meter.ts';
import { errorKind, type Log } from '../log.ts';
import type { TenantBook, TenantChange } from '../tenants/book.ts';
import { type AdminAction, type AdminEffect, type AdminRecord, NO_EFFECT } from './audit.ts';
import { createAuthenticator, missingScope } from './authenticate.ts';
import { type AdminBody, readAdminBody } from './body.ts';
import type { AdminCall } from './call.ts';
import { idsOnPage, pageOf } from './list.ts';
import { planChange } from './plan.ts';
import { entityTag } from './precondition.ts';
import { type Refusal, refusalOf, refusalResponse } from './refusal.ts';
import { ADMIN_PATH, type AdminRoute, adminPath } from './routes.ts';
import { type NarrowView, narrowView, type TenantView, viewOfConfigured, viewOfStored } from './settings.ts';
import type { AdminToken } from './tokens.ts';

export interface AdminParts {
  readonly book: TenantBook;
  readonly tokens: readonly AdminToken[];
  /** Keeps a record; resolves when it is durable. */
  readonly append: (record: LedgerRecord) => Promise<void>;
  readonly region: string;
  readonly meter: Meter;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How often a change is begun anew because other gateways were first. */
export const MAX_ATTEMPTS = 3;

const WITH_BODY: readonly AdminAction[] = ['create', 'replace', 'patch', 'add_key'];
const RETRY_AFTER_MS = 1_000;

/** One call, as far as it has come. */
interface Context {
  readonly callId: string;
  readonly at: number;
  readonly source: string | null;
  readonly route: AdminRoute | undefined;
  actor: string | null;
  /** Whether its token may see settings. */
  seesSettings: boolean;
}

/**
 * Makes the admin API: who may, what they ask for, and a record of every call, refused ones included. A record is durable
 * before its change is in force, and before its call is answered; where it cannot be kept, the call is refused and
 * nothing changes. Changes are made one after another.
 */
export function createAdminApi(parts: AdminParts): (call: AdminCall) => Promise<KnownResponse> {
  const { book, log, now } = parts;
  const authenticate = createAuthenticator(parts.tokens);
  const calls = parts.meter.counter('portcullis_admin_calls_total', 'Calls of the admin API.', ['action', 'status']);
  const lost = parts.meter.counter(
    'portcullis_admin_records_lost_total',
    'Records of calls that could not be kept.',
    [],
  );
  const floods = memoryRateStore();
  const oneAMinute = checkLimits('admin', { rate: 1 / 60, burst: 1 });
  let unrecorded = 0;

  return async (call) => {
    const [path = '', query = ''] = splitOnce(call.target);
    const found = adminPath(path);
    const route = found && Object.hasOwn(found.methods, call.method) ? found.methods[call.method] : undefined;
    const context: Context = {
      callId: randomUUID(),
      at: now(),
      source: addressKey(call.address) ?? null,
      route,
      actor: null,
      seesSettings: false,
    };
    const answer = await answerTo();
    calls.add({ action: route?.action ?? 'unknown', status: String(answer.status) });
    return answer;

    async function answerTo(): Promise<KnownResponse> {
      try {
        const authenticated = authenticate(call, context.at);
        if ('refusal' in authenticated) return await refuse(context, authenticated.refusal);
        const { token } = authenticated;
        context.actor = token.name;
        context.seesSettings = token.scopes.includes('read');
        if (found === undefined) return await refuse(context, { code: 'PTC_D110' });
        if (route === undefined) {
          const headers = { allow: Object.keys(found.methods).join(', ') };
          return await refuse(context, { code: 'PTC_D109', headers });
        }
        const missing = missingScope(token, route.scope);
        if (missing) return await refuse(context, missing);
        if (route.action === 'list') return await list(context, query);
        if (route.action === 'read') return await read(context, route);
        return await change(context, route, call);
      } catch (error) {
        log('error', 'admin_failed', { call_id: context.callId, error: errorKind(error) });
        return refusalResponse({ code: 'PTC_D801', retryAfterMs: RETRY_AFTER_MS }, context.callId);
      }
    }
  };

  async function refuse(context: Context, refusal: Refusal): Promise<KnownResponse> {
    const { code } = refusal;
    const { status } = DECISION_CODES[code];
    let more: Pick<AdminRecord, 'unrecorded'> = {};
    if (code === 'PTC_D603') {
      // Each record waits for the disk: whoever is not listened to must not make all others wait.
      const { ok } = floods.take(context.source ?? INVALID_ADDRESS_KEY, 1, oneAMinute, context.at) as RateResult;
      if (!ok) {
        unrecorded++;
        return refusalResponse(refusal, context.callId);
      }
      more = { unrecorded };
      unrecorded = 0;
    }
    const kept = await keep(context, status, code, NO_EFFECT, undefined, more);
    return kept ? refusalResponse(refusal, context.callId) : notRecorded(context);
  }

  async function list(context: Context, query: string): Promise<KnownResponse> {
    try {
      const { ids, next } = idsOnPage(book.directory.ids, pageOf(query));
      if (!(await keep(context, 200, null, NO_EFFECT))) return notRecorded(context);
      return json(200, { tenants: ids.map(viewOf), next });
    } catch (error) {
      if (error instanceof ConfigError) return refuse(context, refusalOf(error));
      throw error;
    }
  }

  async function read(context: Context, { id = '' }: AdminRoute): Promise<KnownResponse> {
    const view = viewOf(id);
    if (view === undefined) return refuse(context, { code: 'PTC_D110' });
    return (await keep(context, 200, null, NO_EFFECT)) ? one(200, view) : notRecorded(context);
  }

  async function change(context: Context, route: AdminRoute, call: AdminCall): Promise<KnownResponse> {
    // Before anybody has to wait for it: a client may send slowly.
    const body: AdminBody = WITH_BODY.includes(route.action)
      ? await readAdminBody(call, route.action)
      : { value: undefined };
    if ('refusal' in body) return refuse(context, body.refusal);
    return book.exclusive(async () => {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const plan = planChange(book, route, body.value, call.header('if-match'), now());
        if ('refusal' in plan) return refuse(context, plan.refusal);
        const status = route.action === 'create' ? 201 : 200;
        if ('unchanged' in plan) {
          return (await keep(context, status, null, NO_EFFECT))
            ? one(status, seen(context, plan.unchanged))
            : notRecorded(context);
        }
        const { prepared, effect, id } = plan;
        if (!(await keep(context, status, null, effect, id))) return notRecorded(context);
        const outcome = await save(prepared, context);
        if (outcome === 'saved') return one(status, seen(context, id));
        // What stands on record did not come about.
        await keep(context, DECISION_CODES.PTC_D801.status, 'PTC_D801', effect, id, { corrects: context.callId });
        if (outcome === 'failed') break;
      }
      return refusalResponse({ code: 'PTC_D801', retryAfterMs: RETRY_AFTER_MS }, context.callId);
    });
  }

  async function save(prepared: TenantChange, { callId }: Context): Promise<'saved' | 'overtaken' | 'failed'> {
    try {
      return (await prepared.save()) ? 'saved' : 'overtaken';
    } catch (error) {
      log('error', 'tenant_not_saved', { call_id: callId, error: errorKind(error) });
      return 'failed';
    }
  }

  /** Says whether the record is kept. */
  async function keep(
    context: Context,
    status: number,
    code: DecisionCode | null,
    effect: AdminEffect,
    changing?: string,
    more: Pick<AdminRecord, 'corrects' | 'unrecorded'> = {},
  ): Promise<boolean> {
    const { callId, at, source, route, actor } = context;
    const named = route?.id;
    const known = named !== undefined && book.directory.find(named) !== undefined ? named : null;
    const record: AdminRecord = {
      kind: 'admin',
      timestamp: new Date(at).toISOString(),
      call_id: callId,
      action: route?.action ?? 'unknown',
      actor,
      source,
      tenant: changing ?? known,
      status,
      code,
      ...effect,
      region: parts.region,
      ...more,
    };
    try {
      await parts.append(record);
      return true;
    } catch (error) {
      lost.add({});
      log('error', 'admin_not_recorded', { call_id: callId, error: errorKind(error) });
      return false;
    }
  }

  function seen({ seesSettings }: Context, id: string): TenantView | NarrowView | undefined {
    const view = viewOf(id);
    return view === undefined || seesSettings ? view : narrowView(view);
  }

  function viewOf(id: string): TenantView | undefined {
    const stored = book.stored(id);
    if (stored !== undefined) return viewOfStored(stored);
    const configured = book.directory.find(id);
    return configured && viewOfConfigured(configured);
  }
}

function notRecorded({ callId }: Context): KnownResponse {
  return refusalResponse({ code: 'PTC_D803', retryAfterMs: RETRY_AFTER_MS }, callId);
}

function one(status: 200 | 201, view: TenantView | NarrowView | undefined): KnownResponse {
  const { id = '', revision = null } = view ?? {};
  return json(status, view, {
    ...(revision !== null && { etag: entityTag(revision) }),
    ...(status === 201 && { location: `${ADMIN_PATH}/${id}` }),
  });
}

function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): KnownResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(value),
  };
}

/** Path and query. */
function splitOnce(target: string): readonly [string, string] {
  const at = target.indexOf('?');
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}
