import { errorKind, type Log } from '../log.ts';
import type { PrometheusMeter } from '../prometheus.ts';

/** Whether a shared store answers, for metrics, the log and `/ready`. */
export interface StoreHealth {
  readonly up: boolean;
  /** It answers. */
  isUp(): void;
  /** It does not. The log is told once, until it answers again. */
  isDown(error: unknown): void;
  /** A call failed. */
  failed(): void;
}

/** Makes what keeps account of stores in `portcullis_store_up{store}` and `portcullis_store_errors_total{store}`. */
export function createStoreHealth(meter: PrometheusMeter, log: Log): (store: string) => StoreHealth {
  const states = new Map<string, boolean>();
  const up = meter.gauge('portcullis_store_up', 'Whether a shared store answers: 1 or 0.', ['store']);
  const errors = meter.counter('portcullis_store_errors_total', 'Calls of a shared store that failed.', ['store']);

  return function healthOf(store) {
    errors.add({ store }, 0);
    const become = (isUp: boolean): boolean => {
      const changed = states.get(store) !== isUp;
      states.set(store, isUp);
      up.set({ store }, isUp ? 1 : 0);
      return changed;
    };
    become(true);
    return {
      get up() {
        return states.get(store) === true;
      },
      isUp() {
        if (become(true)) log('info', 'store_up', { store });
      },
      isDown(error) {
        if (become(false)) log('warn', 'store_down', { code: 'PTC_W006', store, error: errorKind(error) });
      },
      failed: () => errors.add({ store }),
    };
  };
}
