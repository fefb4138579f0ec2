-- One of several does what all might do, for a while.
--
-- KEYS[1] the turn   ARGV[1] who asks   ARGV[2] for how many ms
--
-- Returns 1 when it is the asker's turn.

local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
