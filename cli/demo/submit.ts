import { percentile } from '../../src/budget.ts';

export interface Answer {
  readonly status: number;
  readonly outcome: string;
  readonly guard: string;
  readonly ms: number;
}

/** One line of the table: what was sent, and what came of it. */
export interface Row {
  readonly sent: string;
  readonly answers: readonly Answer[];
}

/** Which guard escalates for which reason; a refusal names its guard itself. */
const ESCALATED_BY: Readonly<Record<string, string>> = {
  nj_not_monotonic: 'sanity',
  nj_growth: 'sanity',
  d_hat_mismatch: 'recompute',
};

export type Submit = (body: string) => Promise<Answer>;

/** Sends bodies to a gateway and times them. */
export function createSubmit(baseUrl: string): Submit {
  return async (body) => {
    const began = performance.now();
    const response = await fetch(`${baseUrl}/v1/pcs/submit`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const text = await response.text();
    const ms = performance.now() - began;
    const answer = JSON.parse(text) as Partial<Record<string, unknown>>;
    const outcome = answer.outcome ?? 'refused';
    const reason = answer.reason ?? (response.status >= 400 ? answer.title : undefined);
    return {
      status: response.status,
      outcome: reason === undefined ? String(outcome) : `${outcome}: ${reason}`,
      guard: String(answer.guard ?? ESCALATED_BY[String(answer.reason)] ?? '-'),
      ms,
    };
  };
}

/** The rows as an aligned table with p50 and p95 of the latency seen by the client, in milliseconds. */
export function formatTable(rows: readonly Row[]): string {
  const lines = rows.map(({ sent, answers }) => {
    const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
    return [
      sent,
      String(answers.length),
      counted(answers.map(({ status }) => String(status))),
      counted(answers.map(({ outcome }) => outcome)),
      counted(answers.map(({ guard }) => guard)),
      percentile(times, 0.5).toFixed(1),
      percentile(times, 0.95).toFixed(1),
    ];
  });
  const table = [['sent', 'n', 'status', 'outcome', 'guard', 'p50 ms', 'p95 ms'], ...lines];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  const format = (line: readonly string[]): string =>
    line
      .map((cell, column) =>
        column === 1 || column > 4 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ');
  const [head = [], ...body] = table;
  return [format(head), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(format)].join('\n');
}

/** Each value once, with its count where there are several. */
function counted(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  if (counts.size === 1) return values[0] ?? '';
  return [...counts].map(([value, count]) => `${value} (${count})`).join(', ');
}
