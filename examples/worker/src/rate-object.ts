import { DurableObject } from 'cloudflare:workers';
import { type CheckedLimits, chargeTokens, peekTokens, type RateResult, type RateState, takeTokens } from 'portcullis';

/**
 * Buckets and daily quotas. One object runs one call at a time wherever its callers are, and what it answers goes out once
 * the state is on disk: that is all that a store has to promise. Time is its own, so that all callers have one clock.
 */
export class RateObject extends DurableObject {
  take(key: string, cost: number, limits: CheckedLimits): RateResult {
    const { state, result } = takeTokens(this.#read(key), cost, limits, Date.now());
    this.ctx.storage.kv.put(key, state);
    return result;
  }

  peek(key: string, cost: number, limits: CheckedLimits): RateResult {
    return peekTokens(this.#read(key), cost, limits, Date.now());
  }

  charge(key: string, cost: number, limits: CheckedLimits): void {
    this.ctx.storage.kv.put(key, chargeTokens(this.#read(key), cost, limits, Date.now()));
  }

  #read(key: string): RateState | undefined {
    return this.ctx.storage.kv.get<RateState>(key);
  }
}
