import type { Stages } from '../src/stage.ts';
import type { GatewayConfig } from './config.ts';

/** The gateway exists to enforce the contract, so its guards are in force unless the configuration says otherwise. */
export function gatewayStages({ vrf, rateCooldown }: Pick<GatewayConfig, 'vrf' | 'rateCooldown'>): Stages {
  return {
    pii: 'enforce',
    vrf,
    sanity: 'enforce',
    anomaly: 'enforce',
    recompute: 'enforce',
    // Where it is on, it goes with the limit that it is a part of.
    ...(!rateCooldown && { 'rate-limit-cooldown': 'off' }),
  };
}

/** Names of the gateway's guards, in their order. */
export const GATEWAY_GUARDS: readonly string[] = Object.freeze([
  'ledger',
  'source-limit',
  'tenant',
  'rate-limit-cooldown',
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
