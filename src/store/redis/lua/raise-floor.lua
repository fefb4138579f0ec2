-- Raises the last id of a stream: a device has seen one that this store has lost.
--
-- KEYS[1] base of the owner
-- ARGV[1] bizType as part of a key   ARGV[2] the id   ARGV[3] for how many ms it is kept at least
--
-- Returns 1 when the stream was behind it.

local base, biz, floor = KEYS[1], ARGV[1], tonumber(ARGV[2])
local head = read_head(base, biz)
if floor <= head.last then return 0 end
head.last = floor
write_head(base, biz, head)
stay_alive(base .. ':h', tonumber(ARGV[3]))
return 1
