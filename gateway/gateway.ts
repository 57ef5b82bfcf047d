import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { addressKey } from '../src/address.ts';
import { type Clock, SYSTEM_CLOCK } from '../src/clock.ts';
import { ConfigError } from '../src/errors.ts';
import { createGate, type Gate } from '../src/gate.ts';
import { pcsAnswer } from '../src/pcs/answer.ts';
import { pcsMetrics } from '../src/pcs/metrics.ts';
import { pcsGuards, tenantFromHeader } from '../src/pcs/preset.ts';
import { gateMetrics } from '../src/telemetry/gate-metrics.ts';
import type { TenantRegistry } from '../src/tenancy/registry.ts';
import { createAdminApi } from './admin/api.ts';
import { mountAdmin } from './admin/mount.ts';
import { createApp } from './app.ts';
import type { GatewayConfig } from './config.ts';
import { gatherThrottled } from './gather.ts';
import { inbox } from './inbox-guard.ts';
import { openInboxLog } from './inbox-log.ts';
import { keepLedger } from './ledger/keeper.ts';
import { decisionLog, errorKind, faultLog, type Log } from './log.ts';
import type { Database } from './postgres/connect.ts';
import { keepLedgerIndex } from './postgres/keep-index.ts';
import type { LedgerIndex } from './postgres/ledger-index.ts';
import { startDatabase } from './postgres/start.ts';
import { createPrometheusMeter } from './prometheus.ts';
import { isOpenToTheNetwork } from './redis/address.ts';
import { exceptReplays, issuePass } from './replay-inbox/pass.ts';
import { gatewayStages } from './stages.ts';
import { openStores, type Stores } from './stores/open.ts';
import type { TenantBook } from './tenants/book.ts';
import { openTenants } from './tenants/open.ts';

export { type GatewayConfig, readConfig } from './config.ts';
export { createJsonLog, type Log } from './log.ts';

export interface Gateway {
  readonly url: string;
  readonly port: number;
  readonly gate: Gate;
  /** Stops taking connections, lets running requests finish, writes everything out. */
  close(): Promise<void>;
}

export interface GatewayParts {
  readonly log: Log;
  /** Makes the application; Express 4 works too. Default Express 5. */
  readonly express?: () => Express;
  /** Default the system's. */
  readonly clock?: Clock;
}

/** Milliseconds a client has for a whole request; a slow one is cut off. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** Milliseconds a client has for the headers. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** Milliseconds that running requests get to finish when the gateway stops. */
export const SHUTDOWN_GRACE_MS = 10_000;

/**
 * Opens the logs, builds the gate from the configuration and listens.
 *
 * @throws {ConfigError} for what stops start-up: a bad tenant, a directory in use, a port that is taken.
 *
 * @example
 * const gateway = await startGateway(readConfig(process.env), { log: createJsonLog(console.error, Date.now) });
 * await gateway.close();
 */
export async function startGateway(config: GatewayConfig, parts: GatewayParts): Promise<Gateway> {
  const { log, clock = SYSTEM_CLOCK } = parts;
  const inboxLog = await openInboxLog(config.inboxDirectory, {
    maxBytes: config.inboxMaxBytes,
    onPruned: (bytes) => log('info', 'inbox_pruned', { bytes }),
    onPruneFailed: (error) => log('error', 'inbox_prune_failed', { error: errorKind(error) }),
  });
  if (inboxLog.repairedBytes > 0) {
    log('warn', 'inbox_repaired', { code: 'PTC_W004', bytes: inboxLog.repairedBytes });
  }
  if (inboxLog.damagedBytes > 0) {
    log('warn', 'inbox_damaged', { code: 'PTC_W004', bytes: inboxLog.damagedBytes });
  }
  const meter = createPrometheusMeter();
  let index: LedgerIndex | undefined;
  const ledger = await keepLedger({
    directory: config.ledgerDirectory,
    maxSegmentBytes: config.ledgerSegmentBytes,
    settings: config.ledger,
    clock: clock,
    meter,
    log,
    onGrown: () => index?.nudge(),
  }).catch(async (error) => {
    await inboxLog.close();
    throw error;
  });
  let database: Database | undefined;
  let stores: Stores | undefined;
  let book: TenantBook | undefined;
  const closeAll = async (): Promise<void> => {
    stores?.close();
    await book?.close();
    await index?.close();
    await database?.close();
    await inboxLog.close();
    await ledger.close();
  };

  try {
    database = config.postgres && (await startDatabase(config.postgres));
    if (database !== undefined) {
      const { ledgerDirectory: directory } = config;
      index = await keepLedgerIndex({ db: database, directory, size: () => ledger.size, meter, log });
    }
    const opened = await openStores(config.stores, { meter, log, database });
    stores = opened;
    const tenantBook = await openTenants(config, { clock, log, database });
    book = tenantBook;
    const tenants = tenantBook.directory;
    const holdsPass = await issuePass(config.inboxDirectory).catch((error) => {
      log('warn', 'replay_pass_not_written', { error: errorKind(error) });
      return () => false;
    });
    const guards = pcsGuards({
      tenants,
      piiMode: config.piiMode,
      region: config.region,
      inbox: inbox(inboxLog.append, tenantBook.isStale),
      appendRecord: gatherThrottled(ledger.append),
      rateStore: opened.rate,
      replayStore: opened.replay,
    }).map((guard) => (guard.name === 'source-limit' ? exceptReplays(guard, holdsPass) : guard));
    const gate = createGate({
      guards,
      stages: gatewayStages(config),
      tenant: tenantFromHeader(tenants, config.defaultTenant),
      tenantStages: (id) => tenants.get(id)?.stages,
      canaryKey: (exchange, tenant) => `${tenant} ${addressKey(exchange.address ?? '')}`,
      answer: pcsAnswer,
      clock,
      sinks: [gateMetrics(meter, guards), pcsMetrics(meter), decisionLog(log)],
      onFault: faultLog(log),
    });
    const app = createApp({
      express: parts.express ?? express,
      gate,
      meter,
      notReady: () => [
        ...(inboxLog.healthy ? [] : ['inbox']),
        ...(ledger.healthy ? [] : ['ledger']),
        ...(tenantBook.healthy ? [] : ['tenants']),
        ...new Set([...opened.notReady(), ...(index?.healthy === false ? ['postgres'] : [])]),
      ],
      trustProxy: config.trustProxy,
      metricsAuth: config.metricsAuth,
      log,
      admin:
        config.adminTokens &&
        mountAdmin(
          createAdminApi({
            book: tenantBook,
            tokens: config.adminTokens,
            append: ledger.append,
            region: config.region,
            meter,
            log,
            now: clock.now,
          }),
        ),
    });
    const server = createServer(
      { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: 1_000 },
      app,
    );
    // Node would answer what it does not expect with a bare 417.
    server.on('checkExpectation', app);
    const { port } = await listen(server, config);
    warnOfOpenDoors(config, tenants, log);
    return {
      url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
      port,
      gate,
      async close() {
        await stop(server);
        await gate.flush();
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function listen(server: Server, { host, port }: GatewayConfig): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const kind = errorKind(error);
      reject(
        kind === 'EADDRINUSE' || kind === 'EACCES'
          ? new ConfigError('PTC_E015', 'PORT', port, `choose another, or stop what uses it (${kind})`)
          : new ConfigError('PTC_E015', 'HOST', host, `give an address that this machine has (${kind})`),
      );
    });
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const giveUp = setTimeout(() => server.closeAllConnections(), SHUTDOWN_GRACE_MS);
    // A connection turns idle when its last answer is out, and would then be kept alive for nobody.
    const sweep = setInterval(() => server.closeIdleConnections(), 20);
    server.close(() => {
      clearTimeout(giveUp);
      clearInterval(sweep);
      resolve();
    });
  });
}

function warnOfOpenDoors(config: GatewayConfig, tenants: TenantRegistry, log: Log): void {
  for (const id of tenants.ids) {
    if (tenants.find(id)?.keys === 'none') log('warn', 'signatures_off', { code: 'PTC_W001', tenant: id });
  }
  if (config.metricsAuth === undefined) log('warn', 'metrics_open', { code: 'PTC_W002' });
  const { redis } = config.stores;
  if (redis !== undefined && isOpenToTheNetwork(redis))
    log('warn', 'store_unencrypted', { code: 'PTC_W007', store: 'redis' });
}
