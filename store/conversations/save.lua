-- Saves a conversation's state if nobody else has saved it since.
--
-- KEYS[1]  the conversation: a hash of v (the version) and s (the state)
-- KEYS[2]  the counter: the highest version ever given to any conversation
-- ARGV[1]  the new state
-- ARGV[2]  the version the caller has; 0: there must be no state
-- ARGV[3]  how long the state is kept, in milliseconds
-- ARGV[4]  the highest version the caller has seen: versions grow although the counter was lost or rolled back
-- ARGV[5]  how long the counter is kept, in milliseconds
--
-- Returns the new version, or -1 when the version is another; then nothing was changed.
local have = tonumber(redis.call('HGET', KEYS[1], 'v') or '0')
local prev = tonumber(ARGV[2])
if have ~= prev then
  return -1
end
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
local version = math.max(have, prev, last, tonumber(ARGV[4])) + 1
-- %.0f: Lua would write a large number in a form that cannot be read back exactly.
local text = string.format('%.0f', version)
redis.call('HSET', KEYS[1], 'v', text, 's', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('SET', KEYS[2], text, 'PX', ARGV[5])
return version
