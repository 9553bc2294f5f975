import { MAX_CURRENT } from '../verdict';

/** The clocks of Redis and of this process differ a little, so Redis keeps everything so many seconds longer than needed. */
export const CLOCK_MARGIN = 60;

/**
 * The scripts that change a store, each in one atomic step. All keys of a script belong to one identity and so to
 * one slot. The time is that of Redis, so that differences between the clocks of processes do not matter. ROTATE
 * repeats the rules of verdict.ts in Lua, because only Redis can apply them atomically; a spec compares the two.
 */
const NOW = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

const END = `
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('ZREM', KEYS[3], ARGV[1])
`;

/** KEYS generation, session, token. For refresh tokens, whose verdict depends on the time of Redis. */
export const LOOK = `
  ${NOW}
  local found = redis.call('MGET', KEYS[1], KEYS[2], KEYS[3])
  return { found[1], found[2], found[3], string.format('%.0f', now) }
`;

/** KEYS token; ARGV when to forget it, or empty. */
export const REVOKE = `
  redis.call('SET', KEYS[1], '1')
  if ARGV[1] ~= '' then redis.call('EXPIREAT', KEYS[1], ARGV[1]) end
`;

/** The same, unless it was done before. Returns 1 for the first. */
export const SPEND = `
  if not redis.call('SET', KEYS[1], '1', 'NX') then return 0 end
  if ARGV[1] ~= '' then redis.call('EXPIREAT', KEYS[1], ARGV[1]) end
  return 1
`;

/** KEYS generation, sessions, started; ARGV the prefix of the keys of sessions. */
export const REVOKE_ALL = `
  ${NOW}
  local count = tonumber(string.match(redis.call('GET', KEYS[1]) or '0', '^%d+')) + 1
  redis.call('SET', KEYS[1], count .. ':' .. string.format('%.3f', now / 1000))
  for _, sid in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do redis.call('DEL', ARGV[1] .. sid) end
  redis.call('DEL', KEYS[2], KEYS[3])
`;

/**
 * KEYS session, sessions, started, generation; ARGV sid, jti, when to forget it or empty, everything else as JSON, the
 * prefix of the keys of sessions, how many there may be or empty. `sessions` has the sids by when they are forgotten,
 * `started` by when they started: later than any other, even in the same millisecond or after the clock was set back.
 */
export const START_SESSION = `
  ${NOW}
  local session = cjson.decode(ARGV[4])
  session.started = math.floor(now / 1000)
  session.refreshed = session.started
  session.rotatedAt = now
  session.current = { ARGV[2] }
  redis.call('SET', KEYS[1], cjson.encode(session))
  if ARGV[3] ~= '' then redis.call('EXPIREAT', KEYS[1], ARGV[3]) end
  redis.call('ZADD', KEYS[2], ARGV[3] == '' and '+inf' or ARGV[3], ARGV[1])
  local latest = redis.call('ZRANGE', KEYS[3], -1, -1, 'WITHSCORES')[2]
  redis.call('ZADD', KEYS[3], string.format('%.0f', math.max(now, (latest or 0) + 1)), ARGV[1])
  local ended = math.floor(now / 1000) + ${CLOCK_MARGIN}
  for _, sid in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ended)) do redis.call('ZREM', KEYS[3], sid) end
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ended)
  for _ = 1, ARGV[6] == '' and 0 or redis.call('ZCARD', KEYS[3]) - ARGV[6] do
    local oldest = redis.call('ZRANGE', KEYS[3], 0, 0)[1]
    redis.call('DEL', ARGV[5] .. oldest)
    redis.call('ZREM', KEYS[2], oldest)
    redis.call('ZREM', KEYS[3], oldest)
  end
  local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2]
  for _, key in ipairs({ KEYS[2], KEYS[3] }) do
    if last == 'inf' then redis.call('PERSIST', key) elseif last then redis.call('EXPIREAT', key, last) end
  end
  return redis.call('GET', KEYS[4])
`;

/** KEYS session, sessions, started; ARGV sid. */
export const END_SESSION = END;

/**
 * KEYS session, sessions, started, generation, token; ARGV sid, used jti, next jti, grace in milliseconds, gen of the
 * token.
 */
export const ROTATE = `
  ${NOW}
  local stored = redis.call('GET', KEYS[1])
  local count = string.match(redis.call('GET', KEYS[4]) or '0', '^%d+')
  if not stored or count ~= ARGV[5] or redis.call('EXISTS', KEYS[5]) == 1 then return 'revoked' end
  local session = cjson.decode(stored)
  local isCurrent = false
  for _, jti in ipairs(session.current) do if jti == ARGV[2] then isCurrent = true end end
  if isCurrent then
    session.previous = ARGV[2]
    session.current = { ARGV[3] }
    session.rotatedAt = now
  elseif session.previous ~= ARGV[2] or math.abs(now - session.rotatedAt) >= tonumber(ARGV[4]) then
    ${END}
    return 'reused'
  elseif #session.current >= ${MAX_CURRENT} then
    return 'revoked'
  else
    table.insert(session.current, ARGV[3])
  end
  session.refreshed = math.floor(now / 1000)
  redis.call('SET', KEYS[1], cjson.encode(session), 'KEEPTTL')
  return 'valid'
`;
