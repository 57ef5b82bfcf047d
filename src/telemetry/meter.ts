/** A monotonic counter. */
export interface Counter {
  add(labels: Readonly<Record<string, string>>, amount?: number): void;
}

/** Observations in buckets. */
export interface Histogram {
  observe(labels: Readonly<Record<string, string>>, value: number): void;
}

/** What metrics are written to; the gateway has one for Prometheus. Names and labels follow Prometheus' rules. */
export interface Meter {
  counter(name: string, help: string, labels: readonly string[]): Counter;
  histogram(name: string, help: string, labels: readonly string[], buckets: readonly number[]): Histogram;
}
