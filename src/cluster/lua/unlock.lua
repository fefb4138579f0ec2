-- Ends or renews a lock, if it is still the caller's.
-- KEYS[1]  the lock
-- ARGV[1]  the caller's token
-- ARGV[2]  ms for which it is renewed; 0 ends it
-- Returns  1 when it was the caller's
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then redis.call('DEL', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
