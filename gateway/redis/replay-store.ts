import type { StoredAnswer } from '../../src/guards/replay/store.ts';
import { type Asked, type ClaimOwner, DEFAULT_LEASE_MS, type ReplayBackend, SAID_MS } from '../stores/shared-replay.ts';
import { type RedisClient, redisScript } from './connect.ts';
import { keyPart } from './key.ts';

export interface RedisReplayOptions {
  /** What every key begins with. */
  readonly prefix: string;
  /** Milliseconds after which a claim is let go. Default {@link DEFAULT_LEASE_MS}. */
  readonly leaseMs?: number;
}

/**
 * Keys: the answer (`digest answer`), the claim (`digest gateway serial`), and what was said to those who wait for this digest.
 * A name and its digest stand in one `{...}`, so that a cluster keeps the three together.
 */
const ASK = `
local digest, gateway, serial, lease, waited = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5] == '1'
local kept = redis.call('GET', KEYS[1])
if kept then
  local of, answer = string.match(kept, '^(%S+) (.*)$')
  if of == digest then return {'stored', answer} end
end
local claim = redis.call('GET', KEYS[2])
if claim then
  local of, by, number = string.match(claim, '^(%S+) (%S+) (%d+)$')
  if of ~= digest then return {'other-body'} end
  if by ~= gateway or tonumber(number) >= serial then return {'held'} end
else
  local said = waited and redis.call('GET', KEYS[3])
  if said then return {'stored', said} end
  if kept and not waited then return {'other-body'} end
end
redis.call('SET', KEYS[2], digest .. ' ' .. gateway .. ' ' .. ARGV[3], 'PX', lease)
return {'new'}
`;

const KEEP = `
local digest, owner, answer, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local isOurs = redis.call('GET', KEYS[2]) == digest .. ' ' .. owner
local kept = redis.call('GET', KEYS[1])
local said = {}
if kept then
  local of, first = string.match(kept, '^(%S+) (.*)$')
  if of == digest then said = {first} elseif isOurs then redis.call('SET', KEYS[3], answer, 'PX', ${SAID_MS}) end
else
  redis.call('SET', KEYS[1], digest .. ' ' .. answer, 'PX', ttl)
end
if isOurs then redis.call('DEL', KEYS[2]) end
return said
`;

const FREE = `
if redis.call('GET', KEYS[2]) == ARGV[1] .. ' ' .. ARGV[2] then redis.call('DEL', KEYS[2]) end
return 1
`;

/**
 * Keeps accepted requests in Redis, each for exactly its time by Redis' clock. Redis must not evict keys (`maxmemory-policy
 * noeviction`): a request that it forgets may be accepted once more.
 *
 * @example
 * const store = sharedReplayStore(redisReplay(redis, { prefix: 'portcullis:' }));
 */
export function redisReplay(redis: RedisClient, options: RedisReplayOptions): ReplayBackend {
  const { prefix, leaseMs = DEFAULT_LEASE_MS } = options;
  const ask = redisScript(ASK);
  const keep = redisScript(KEEP);
  const free = redisScript(FREE);

  function keysOf(key: string, digest: string): readonly string[] {
    const name = `${prefix}replay:{${keyPart(key)}}`;
    return [name, `${name}:claim`, `${name}:said:${digest}`];
  }

  return {
    async ask(key, body, { gateway, serial }, hasWaited) {
      const digest = keyPart(body);
      const args = [digest, gateway, serial, leaseMs, hasWaited ? 1 : 0];
      const [kind, answer] = (await redis.run(ask, keysOf(key, digest), args)) as [Asked['kind'], string];
      return kind === 'stored' ? { kind, answer: parseAnswer(answer) } : { kind };
    },
    async keep(key, body, owner, answer, ttlMs) {
      const digest = keyPart(body);
      const args = [digest, ownerText(owner), answer === undefined ? '' : JSON.stringify(answer), Math.ceil(ttlMs)];
      const [kept] = (await redis.run(keep, keysOf(key, digest), args)) as [string?];
      return kept === undefined ? undefined : { answer: parseAnswer(kept) };
    },
    async free(key, body, owner) {
      const digest = keyPart(body);
      await redis.run(free, keysOf(key, digest), [digest, ownerText(owner)]);
    },
  };
}

function ownerText(owner: ClaimOwner | undefined): string {
  return owner === undefined ? '' : `${owner.gateway} ${owner.serial}`;
}

function parseAnswer(text: string): StoredAnswer {
  return text === '' ? undefined : (JSON.parse(text) as StoredAnswer);
}
