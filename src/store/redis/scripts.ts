import { MAX_CURRENT } from '../verdict';

/**
 * The scripts that change a store, each in one atomic step. All keys of a script belong to one identity and so to
 * one slot. The time is that of Redis, so that differences between the clocks of processes do not matter. ROTATE
 * repeats the rules of verdict.ts in Lua, because only Redis can apply them atomically; a spec compares the two.
 * `previous` begins with an empty name, because Lua would write an empty list as an object.
 */
const NOW = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

const END = `
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
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

/** KEYS generation, sessions; ARGV the prefix of the keys of sessions. */
export const REVOKE_ALL = `
  ${NOW}
  local count = tonumber(string.match(redis.call('GET', KEYS[1]) or '0', '^%d+')) + 1
  redis.call('SET', KEYS[1], count .. ':' .. string.format('%.3f', now / 1000))
  for _, sid in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do redis.call('DEL', ARGV[1] .. sid) end
  redis.call('DEL', KEYS[2])
`;

/** KEYS session, sessions, generation; ARGV sid, jti, when to forget it or empty, everything else as JSON. */
export const START_SESSION = `
  ${NOW}
  local session = cjson.decode(ARGV[4])
  session.started = math.floor(now / 1000)
  session.refreshed = session.started
  session.rotatedAt = now
  session.current = { ARGV[2] }
  session.previous = { '' }
  redis.call('SET', KEYS[1], cjson.encode(session))
  if ARGV[3] ~= '' then redis.call('EXPIREAT', KEYS[1], ARGV[3]) end
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', math.floor(now / 1000))
  redis.call('ZADD', KEYS[2], ARGV[3] == '' and '+inf' or ARGV[3], ARGV[1])
  local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2]
  if last == 'inf' then redis.call('PERSIST', KEYS[2]) else redis.call('EXPIREAT', KEYS[2], last) end
  return redis.call('GET', KEYS[3])
`;

/** KEYS session, sessions; ARGV sid. */
export const END_SESSION = END;

/** KEYS session, sessions, generation, token; ARGV sid, used jti, next jti, grace in milliseconds, gen of the token. */
export const ROTATE = `
  ${NOW}
  local stored = redis.call('GET', KEYS[1])
  local count = string.match(redis.call('GET', KEYS[3]) or '0', '^%d+')
  if not stored or count ~= ARGV[5] or redis.call('EXISTS', KEYS[4]) == 1 then return 'revoked' end
  local session = cjson.decode(stored)
  local function holds(list)
    for _, jti in ipairs(list) do if jti == ARGV[2] then return true end end
    return false
  end
  if holds(session.current) then
    session.previous = session.current
    session.current = { ARGV[3] }
    session.rotatedAt = now
  elseif holds(session.previous) and now - session.rotatedAt < tonumber(ARGV[4]) and #session.current < ${MAX_CURRENT} then
    table.insert(session.current, ARGV[3])
  else
    ${END}
    return 'reused'
  end
  session.refreshed = math.floor(now / 1000)
  redis.call('SET', KEYS[1], cjson.encode(session), 'KEEPTTL')
  return 'valid'
`;
