-- Ends the first records of a stream whose configuration was deleted.
--
-- KEYS[1] base of the owner   KEYS[2] base of the shard
-- ARGV[1] bizType as part of a key   ARGV[2] bizType   ARGV[3] the stream's name among the counters
-- ARGV[4] 1 when the user is the stream's one reader   ARGV[5] how many at most
--
-- Returns how many.

local base, shard, biz = KEYS[1], KEYS[2], ARGV[1]
local count = math.min(tonumber(ARGV[5]), redis.call('LLEN', base .. ':r:' .. biz))
local counts = {}
end_first(base, biz, count, 'deleted', acked_by_user(base, ARGV[2], ARGV[4]), counts)
write_counts(shard, ARGV[3], counts)
return count
