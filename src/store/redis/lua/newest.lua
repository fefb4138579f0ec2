-- The position behind which only the newest records of a stream lie. Writes nothing.
--
-- KEYS[1] base of the owner
-- ARGV[1] bizType as part of a key   ARGV[2] not below this id   ARGV[3] how many
--
-- Returns the position and how many records lie between ARGV[2] and it.

local list = KEYS[1] .. ':r:' .. ARGV[1]
local first = count_to(list, tonumber(ARGV[2]))
local passed = redis.call('LLEN', list) - first - tonumber(ARGV[3])
if passed <= 0 then return { ARGV[2], 0 } end
return { text(id_of(redis.call('LINDEX', list, first + passed - 1))), passed }
