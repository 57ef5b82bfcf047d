/** The part of Cloudflare's types that this Worker uses; `npx wrangler types` makes all of them. */
declare module 'cloudflare:workers' {
  export abstract class DurableObject {
    protected readonly ctx: DurableObjectState;
    constructor(ctx: DurableObjectState, env: unknown);
  }
}

interface DurableObjectState {
  readonly storage: {
    readonly kv: {
      get<T>(key: string): T | undefined;
      put(key: string, value: unknown): void;
    };
    readonly sql: {
      exec<Row>(query: string, ...bindings: (string | number | null)[]): { toArray(): Row[] };
    };
    getAlarm(): Promise<number | null>;
    setAlarm(at: number): Promise<void>;
  };
}

/** What calls of a Durable Object's methods look like from outside: each may fail, and takes its time. */
type DurableObjectStub<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

interface DurableObjectNamespace<T> {
  idFromName(name: string): object;
  get(id: object): DurableObjectStub<T>;
}

interface Queue<T> {
  send(message: T): Promise<unknown>;
}
