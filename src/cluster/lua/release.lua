-- Ends a node's claim of a device, unless a newer session of it has come there meanwhile.
-- KEYS[1]  routes of the device: member -> epoch
-- ARGV[1]  member
-- ARGV[2]  epoch of the session that has ended
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0
