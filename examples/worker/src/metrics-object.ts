import { DurableObject } from 'cloudflare:workers';
import type { Samples } from './meter.ts';

/** Milliseconds for which counts are only in memory: one write in that time, however many requests. */
const WRITE_EVERY_MS = 10_000;

/** Sums what the Worker's instances all over the world counted. After a crash some seconds are missing, as after a restart. */
export class MetricsObject extends DurableObject {
  readonly #sums: Record<string, number>;

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env);
    this.#sums = ctx.storage.kv.get<Record<string, number>>('sums') ?? {};
  }

  async add(samples: Samples): Promise<void> {
    for (const [series, amount] of Object.entries(samples)) this.#sums[series] = (this.#sums[series] ?? 0) + amount;
    const { storage } = this.ctx;
    if ((await storage.getAlarm()) === null) await storage.setAlarm(Date.now() + WRITE_EVERY_MS);
  }

  read(): Samples {
    return this.#sums;
  }

  alarm(): void {
    this.ctx.storage.kv.put('sums', this.#sums);
  }
}
