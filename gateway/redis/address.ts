import { badVariable, type Env, isCleanSecret, readText } from '../env.ts';

/** Where a Redis is, and how to get in. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Number of the database, 0 or more. */
  readonly db: number;
  readonly tls: boolean;
}

const DEFAULT_PORT = 6379;
const HOST_AND_PORT = /^(?<host>[\w.-]+|\[[0-9a-f:.]+\])(?::(?<port>\d{1,5}))?$/i;
const REMEDY = 'give host:port, or a URL such as redis://user:password@host:6379/0 or rediss://host:6380';

/**
 * Reads `REDIS_ADDR`: `host:port`, `redis://` or, for TLS, `rediss://`.
 *
 * @throws {ConfigError} PTC_E011 for anything else, without a word of it: it may hold a password.
 */
export function readRedisAddress(env: Env): RedisAddress | undefined {
  const text = readText(env, 'REDIS_ADDR');
  if (text === undefined) return undefined;
  const address = HOST_AND_PORT.test(text) ? plainAddress(text) : urlAddress(text);
  if (address === undefined) throw badVariable(env, 'REDIS_ADDR', REMEDY);
  return address;
}

/** Whether others than this machine could read what goes over the connection. */
export function isOpenToTheNetwork({ host, tls }: RedisAddress): boolean {
  return !tls && host !== 'localhost' && host !== '::1' && !/^127(?:\.\d{1,3}){3}$/.test(host);
}

function plainAddress(text: string): RedisAddress | undefined {
  const { host = '', port } = HOST_AND_PORT.exec(text)?.groups ?? {};
  return checked({ host, port: port ?? '', username: '', password: '', path: '', tls: false });
}

function urlAddress(text: string): RedisAddress | undefined {
  if (!/^rediss?:\/\//.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  if (search !== '' || hash !== '') return undefined;
  try {
    return checked({
      host: hostname,
      port,
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
      path: pathname.replace(/^\//, ''),
      tls: protocol === 'rediss:',
    });
  } catch {
    return undefined;
  }
}

function checked(parts: {
  readonly host: string;
  readonly port: string;
  readonly username: string;
  readonly password: string;
  readonly path: string;
  readonly tls: boolean;
}): RedisAddress | undefined {
  const { host, username, password, path, tls } = parts;
  const port = parts.port === '' ? DEFAULT_PORT : Number(parts.port);
  const isSound =
    host !== '' &&
    port >= 1 &&
    port <= 65_535 &&
    /^\d{0,4}$/.test(path) &&
    isCleanSecret(password) &&
    (username === '' || password !== '');
  if (!isSound) return undefined;
  return {
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port,
    username: username === '' ? undefined : username,
    password: password === '' ? undefined : password,
    db: Number(path),
    tls,
  };
}
