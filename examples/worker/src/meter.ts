import type { Meter } from 'portcullis';

/** What to add to one series: its name with labels, as Prometheus writes it. */
export type Samples = Readonly<Record<string, number>>;

/** A meter whose counts can be taken away, so that they can be added up elsewhere. */
export interface DeltaMeter extends Meter {
  /** What was counted since the last call. */
  drain(): Samples;
  /** Sums of such counts, as Prometheus reads them (text format 0.0.4). */
  text(sums: Samples): string;
}

export function createDeltaMeter(): DeltaMeter {
  const headers = new Map<string, string>();
  let counts: Record<string, number> = {};

  function add(name: string, labels: Readonly<Record<string, string>>, amount: number): void {
    const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
    const series = pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
    counts[series] = (counts[series] ?? 0) + amount;
  }

  return {
    counter(name, help) {
      headers.set(name, `# HELP ${name} ${help}\n# TYPE ${name} counter\n`);
      return { add: (labels, amount = 1) => add(name, labels, amount) };
    },
    histogram(name, help, _labels, buckets) {
      headers.set(name, `# HELP ${name} ${help}\n# TYPE ${name} histogram\n`);
      return {
        observe(labels, value) {
          for (const le of buckets) add(`${name}_bucket`, { ...labels, le: String(le) }, value <= le ? 1 : 0);
          add(`${name}_bucket`, { ...labels, le: '+Inf' }, 1);
          add(`${name}_sum`, labels, value);
          add(`${name}_count`, labels, 1);
        },
      };
    },
    drain() {
      const drained = counts;
      counts = {};
      return drained;
    },
    text(sums) {
      const series = Object.entries(sums);
      const blocks = [...headers].map(([name, header]) => {
        const own = series.filter(([line]) => new RegExp(`^${name}(?:_bucket|_sum|_count)?(?:\\{|$)`).test(line));
        return header + own.map(([line, value]) => `${line} ${value}\n`).join('');
      });
      return blocks.join('');
    },
  };
}
