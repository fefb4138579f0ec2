-- Forgets what waits for its time in one shard.
--
-- KEYS[1] base of the shard
-- ARGV    the names under which it waits
--
-- Returns how many were there.

redis.call('ZREM', KEYS[1] .. ':q', unpack(ARGV))
return redis.call('HDEL', KEYS[1] .. ':w', unpack(ARGV))
