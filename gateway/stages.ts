import type { Stages } from '../src/stage.ts';

/** The gateway exists to enforce the contract, so its guards are in force unless the configuration says otherwise. */
export function gatewayStages(config: { readonly vrf: 'off' | 'report-only' | 'enforce' }): Stages {
  return { pii: 'enforce', vrf: config.vrf, sanity: 'enforce', anomaly: 'enforce', recompute: 'enforce' };
}

/** Names of the gateway's guards, in their order. */
export const GATEWAY_GUARDS: readonly string[] = Object.freeze([
  'ledger',
  'source-limit',
  'tenant',
  'pii',
  'inbox',
  'pcs-format',
  'signature',
  'rate-limit',
  'replay',
  'vrf',
  'sanity',
  'anomaly',
  'recompute',
]);
