-- Renews the lease of a node and tells who is alive.
-- KEYS[1]  hash: member -> what it says of itself (JSON)
-- KEYS[2]  sorted set: member -> end of its lease, ms by the clock of this server
-- ARGV[1]  member
-- ARGV[2]  what it says of itself
-- ARGV[3]  length of a lease, ms; 0 ends it
-- ARGV[4]  a lease that ended so many ms ago is forgotten
-- Returns  1 when the lease had not ended, else 0; then member and JSON of all that are alive.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ends = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1]) or '0')
if ARGV[3] == '0' then
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[1])
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[4])) do
  redis.call('ZREM', KEYS[2], old)
  redis.call('HDEL', KEYS[1], old)
end
redis.call('PEXPIRE', KEYS[1], 86400000)
redis.call('PEXPIRE', KEYS[2], 86400000)
local result = { ends > now and 1 or 0 }
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. now, '+inf')) do
  table.insert(result, member)
  table.insert(result, redis.call('HGET', KEYS[1], member) or '{}')
end
return result
