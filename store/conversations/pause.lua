-- Closes a channel, unless a pause that ends later stands.
--
-- KEYS[1]  the pause: "from length", in microseconds
-- ARGV[1]  from when
-- ARGV[2]  how long
local have = redis.call('GET', KEYS[1])
if have then
  local from, length = string.match(have, '^(%d+) (%d+)$')
  local since = tonumber(ARGV[1]) - tonumber(from)
  if since > -tonumber(length) and tonumber(from) + tonumber(length) > tonumber(ARGV[1]) + tonumber(ARGV[2]) then
    return 0
  end
end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], 'PX', math.ceil(tonumber(ARGV[2]) / 1000) * 2)
return 1
