#!/usr/bin/env node
import process from 'node:process';
import { ConfigError } from '../src/errors.ts';

type Command = (args: readonly string[]) => Promise<number>;

/** Loaded when called, so that one command does not need the optional packages of another. */
const COMMANDS: Readonly<Record<string, { readonly what: string; readonly load: () => Promise<Command> }>> = {
  serve: {
    what: 'run the gateway; configured by environment variables (docs/gateway.md)',
    load: async () => (await import('./serve.ts')).serve,
  },
  demo: {
    what: 'submit real records and every attack to a gateway, and print what came of it',
    load: async () => (await import('./demo/demo.ts')).demo,
  },
  pcs: {
    what: 'make a PCS from a CSV or JSONL file, and print it as JSON',
    load: async () => (await import('./pcs.ts')).pcs,
  },
  token: {
    what: 'make a token for the admin API of the gateway (docs/admin.md)',
    load: async () => (await import('./token.ts')).token,
  },
  vrf: {
    what: 'make a VRF key, prove with it, or verify a proof (RFC 9381)',
    load: async () => (await import('./vrf.ts')).vrf,
  },
  'replay-inbox': {
    what: 'submit again what an outage or a crash left unanswered',
    load: async () => (await import('./replay-inbox.ts')).replayInbox,
  },
  ledger: {
    what: 'verify a ledger, prove what is in it, check a proof, look at decisions (docs/ledger.md)',
    load: async () => (await import('./ledger.ts')).ledger,
  },
  migrate: {
    what: 'bring the schema of the PostgreSQL database up to date (docs/postgres.md)',
    load: async () => (await import('./migrate.ts')).migrate,
  },
  probe: {
    what: 'look whether tenants are apart and everything is wired, and print the evidence (docs/postgres.md)',
    load: async () => (await import('./probe.ts')).probe,
  },
};

function usage(): string {
  const commands = Object.entries(COMMANDS).map(([name, { what }]) => `  ${name.padEnd(13)}${what}`);
  return ['usage: portcullis <command> [options]', '', ...commands, ''].join('\n');
}

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(usage());
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    process.stderr.write(`portcullis: there is no command of that name\n\n${usage()}`);
    return 2;
  }
  return (await command.load())(rest);
}

/** One clear line for what the user can mend; the kind of the error for what nobody foresaw. */
function explain(error: unknown, args: readonly string[]): string {
  const [name = ''] = args;
  const help = Object.hasOwn(COMMANDS, name) ? `portcullis ${name} --help` : 'portcullis --help';
  if (error instanceof ConfigError) return error.message;
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === 'ERR_MODULE_NOT_FOUND') {
    const name = /Cannot find package '([^']+)'/.exec(String(message))?.[1] ?? 'a package';
    return new ConfigError('PTC_E016', name, undefined, `run npm install ${name}`).message;
  }
  // Node's own words repeat what was typed, and that may be a secret in the wrong place.
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') return `an argument is not expected; see ${help}`;
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE')
    return `an option has no value, or one it does not take; see ${help}`;
  if (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS')) return `an option is not known; see ${help}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error';
}

// Whoever reads may have stopped, and a disk may be full: no reason to show a stack.
process.stdout.on('error', () => {
  process.stderr.write('portcullis: standard output cannot be written to\n');
  process.exit(1);
});

const args = process.argv.slice(2);
main(args).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`portcullis: ${explain(error, args)}\n`);
    process.exitCode = 1;
  },
);
