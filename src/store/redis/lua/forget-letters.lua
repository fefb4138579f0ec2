-- Forgets the oldest dead letters of one instance.
--
-- KEYS[1] base of the instance's letters
-- ARGV[1] names below this one   ARGV[2] how many at most
--
-- Returns how many.

local names = redis.call('ZRANGEBYLEX', KEYS[1] .. ':k', '-', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
if #names == 0 then return 0 end
redis.call('ZREM', KEYS[1] .. ':k', unpack(names))
redis.call('HDEL', KEYS[1] .. ':v', unpack(names))
return #names
