-- Takes a place in the rates of a channel, for all processes that send through it.
--
-- KEYS[1]  the channel's requests: a sorted set, by when they were made
-- KEYS[2]  the chat's, the same
-- KEYS[3]  the pause that the network asked for: "from length"
-- ARGV[1]  now, in microseconds
-- ARGV[2]  how many requests the channel allows in a stretch; 0: any number
-- ARGV[3]  the stretch, in microseconds
-- ARGV[4]  how many of those are kept free; -1: none, and a pause is not heeded
-- ARGV[5]  how many requests the chat allows in a stretch; 0: any number
-- ARGV[6]  its stretch
-- ARGV[7]  a name for this request, unlike any other's
--
-- Returns when the request may be made and whether it is the whole channel that waits. It may be made now, and its place
-- is taken, when that is now.
local now = tonumber(ARGV[1])
local pause = redis.call('GET', KEYS[3])
if pause and tonumber(ARGV[4]) >= 0 then
  local from, length = string.match(pause, '^(%d+) (%d+)$')
  local since = now - tonumber(from)
  -- A clock that was put back must not prolong it.
  if since < tonumber(length) and since > -tonumber(length) then
    return {string.format('%.0f', tonumber(from) + tonumber(length)), 1}
  end
end
-- opens is when a set of requests allows another.
local function opens(key, n, span)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now - span))
  redis.call('ZREMRANGEBYSCORE', key, string.format('(%.0f', now + span), '+inf')
  local have = redis.call('ZCARD', key)
  if have < n then
    return now
  end
  local last = redis.call('ZRANGE', key, have - n, have - n, 'WITHSCORES')
  return tonumber(last[2]) + span
end
local all, span, keep = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local each, stretch = tonumber(ARGV[5]), tonumber(ARGV[6])
if all > 0 then
  local at = opens(KEYS[1], math.max(1, all - math.max(0, keep)), span)
  if at > now then
    return {string.format('%.0f', at), 1}
  end
end
if each > 0 then
  local at = opens(KEYS[2], each, stretch)
  if at > now then
    return {string.format('%.0f', at), 0}
  end
  redis.call('ZADD', KEYS[2], ARGV[1], ARGV[7])
  redis.call('PEXPIRE', KEYS[2], math.ceil(stretch / 500))
end
if all > 0 then
  redis.call('ZADD', KEYS[1], ARGV[1], ARGV[7])
  redis.call('PEXPIRE', KEYS[1], math.ceil(span / 500))
end
return {ARGV[1], 0}
