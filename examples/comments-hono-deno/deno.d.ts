/** The part of Deno's types that this application uses; `deno check` has all of them. */
declare const Deno: {
  readonly env: { get(name: string): string | undefined };
  serve(
    options: { readonly hostname: string; readonly port: number; readonly onListen?: (at: { port: number }) => void },
    handler: (request: Request, info: object) => Response | Promise<Response>,
  ): { shutdown(): Promise<void> };
};
