-- Puts a request that waits for its time in another store.
--
-- KEYS[1] base of the owner   KEYS[2] base of the shard
-- ARGV[1] bizType as part of a key   ARGV[2] hash of the thirdMsgId, or empty   ARGV[3] acceptedMs
-- ARGV[4] when it is due   ARGV[5] its number among all that wait   ARGV[6] what is kept aside
--
-- Returns its name.

local base, shard, biz = KEYS[1], KEYS[2], ARGV[1]
local accepted, number = tonumber(ARGV[3]), tonumber(ARGV[5])
local name = string.format('%015.0f-%012.0f', accepted, number)
redis.call('ZADD', shard .. ':q', ARGV[4], name)
redis.call('HSET', shard .. ':w', name, ARGV[6])
if number > tonumber(redis.call('GET', shard .. ':n') or '0') then redis.call('SET', shard .. ':n', text(number)) end
if ARGV[2] ~= '' then
  local head = read_head(base, biz)
  remember(base, biz, head, ARGV[2], 0, accepted, name)
  write_head(base, biz, head)
  stay_alive(base .. ':h', STREAM)
end
return name
