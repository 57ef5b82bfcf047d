/** How long what is known of a key outlives the moment from which it says nothing, in milliseconds. */
export const KEY_SLACK_MS = 60_000;
/** Milliseconds after which a key is forgotten whatever it says: 400 days. */
export const MAX_KEY_TTL_MS = 34_560_000_000;

/** The time that the script goes by: that of Redis, or an argument. */
export const REDIS_TIME = "local time = redis.call('TIME') local now = time[1] * 1000 + math.floor(time[2] / 1000)";
export const CALLER_TIME = 'local now = tonumber(ARGV[6])';

/**
 * The pure functions of `src/guards/rate-limit/state.ts` in Lua, line by line: both compute with the same 64-bit numbers, so that both
 * say the same to the millisecond. Keys: the bucket. Arguments: `take`, `peek` or `charge`; cost, rate, burst, daily quota or `''`.
 * Answers with ok, wait, reason, remaining, next, left of the quota and its reset, `-` for what does not apply.
 */
export const rateScriptLua = (time: string): string => `
${time}
local DAY = 86400000
local call, cost, rate, burst, quota = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local start, spent, last, day, used = now, 0, now, nil, nil

local kept = redis.call('GET', KEYS[1])
if kept then
  local numbers = {}
  for word in string.gmatch(kept, '%S+') do numbers[#numbers + 1] = tonumber(word) end
  if #numbers ~= 5 and #numbers ~= 7 then return redis.error_reply('ERR this is no bucket') end
  local hadRate, hadBurst = numbers[4], numbers[5]
  start, spent, last, day, used = numbers[1], numbers[2], numbers[3], numbers[6], numbers[7]
  if now > last then
    last = now
  elseif now < last - ${KEY_SLACK_MS} then
    start = start + (now - last)
    last = now
  end
  if spent * 1000 <= (last - start) * hadRate then
    start, spent = last, 0
  elseif rate ~= hadRate or burst ~= hadBurst then
    local level = math.min(math.min(hadBurst, ((hadBurst - spent) * 1000 + (last - start) * hadRate) / 1000), burst)
    start, spent = last, math.min(burst - level, 2 * burst)
  end
end
local today = math.floor(last / DAY)
local reset = (today + 1) * DAY - last
if quota or day then
  if not day or today > day then used = 0 end
  day = today
end

local function level()
  return math.min(burst, ((burst - spent) * 1000 + (last - start) * rate) / 1000)
end
local function holds(tokens, later)
  return (spent + tokens - burst) * 1000 <= (last + later - start) * rate
end
local function waitFor(tokens)
  if holds(tokens, 0) then return 0 end
  local wait = math.max(1, math.ceil(((spent + tokens - burst) * 1000) / rate - (last - start)))
  if not holds(tokens, wait) then return wait + 1 end
  if wait > 1 and holds(tokens, wait - 1) then return wait - 1 end
  return wait
end

local ok, wait, by = 1, 0, '-'
if call == 'charge' then
  local lowest = burst + level() + spent
  spent = math.max(spent, math.min(spent + cost, lowest))
  if day then used = used + cost end
elseif cost > 0 then
  local rateWait, quotaWait = waitFor(cost), 0
  if quota and used + cost > quota then quotaWait = reset end
  if rateWait > 0 or quotaWait > 0 then
    ok = 0
    if quotaWait > rateWait then wait, by = quotaWait, 'quota' else wait, by = rateWait, 'rate' end
  elseif call == 'take' then
    spent = spent + cost
    if day then used = used + cost end
  end
end

if call ~= 'peek' then
  local value = string.format('%.17g %.17g %.17g %.17g %.17g', start, spent, last, rate, burst)
  if day then value = value .. string.format(' %.17g %.17g', day, used) end
  local ttl = math.max(0, math.ceil(spent * 1000 / rate - (last - start)))
  if day and used > 0 then ttl = math.max(ttl, reset) end
  redis.call('SET', KEYS[1], value, 'PX', string.format('%.0f', math.min(ttl + ${KEY_SLACK_MS}, ${MAX_KEY_TTL_MS})))
end
local remaining, left = math.max(0, math.floor(level())), '-'
if quota then left = string.format('%.17g', math.max(0, quota - used)) end
return string.format('%d %.17g %s %.17g %.17g %s %.17g', ok, wait, by, remaining, waitFor(1), left, reset)
`;
