import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Meter } from '../src/telemetry/meter.ts';

export interface PrometheusMeter extends Meter {
  /** A value that goes up and down. */
  gauge(
    name: string,
    help: string,
    labels: readonly string[],
  ): { set(labels: Readonly<Record<string, string>>, value: number): void };
  readonly contentType: string;
  /** A value that is read when somebody asks for the text. */
  gaugeOf(name: string, help: string, read: () => number): void;
  /** The exposition text of everything counted so far. */
  text(): Promise<string>;
}

/** A meter with a registry of its own, so that several gateways in one process do not mix. */
export function createPrometheusMeter(): PrometheusMeter {
  const registry = new Registry();
  const registers = [registry];
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    gaugeOf(name, help, read) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },
    counter(name, help, labelNames) {
      const counter = new Counter({ name, help, labelNames: [...labelNames], registers });
      return { add: (labels, amount = 1) => counter.inc(labels, amount) };
    },
    gauge(name, help, labelNames) {
      const gauge = new Gauge({ name, help, labelNames: [...labelNames], registers });
      return { set: (labels, value) => gauge.set(labels, value) };
    },
    histogram(name, help, labelNames, buckets) {
      const histogram = new Histogram({ name, help, labelNames: [...labelNames], buckets: [...buckets], registers });
      return { observe: (labels, value) => histogram.observe(labels, value) };
    },
  };
}
