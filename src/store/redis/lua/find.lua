-- One record of a stream, by its id or by its thirdMsgId. Writes nothing.
--
-- KEYS[1] base of the owner
-- ARGV[1] bizType as part of a key   ARGV[2] the id, or 0   ARGV[3] hash of the thirdMsgId, or empty
--
-- Returns the entry, or nothing.

local base, biz, id = KEYS[1], ARGV[1], tonumber(ARGV[2])
if ARGV[3] ~= '' then
  local first = recall(base, biz, read_head(base, biz), ARGV[3], 0)
  id = first and first.id or 0
end
if id == 0 then return false end
local list = base .. ':r:' .. biz
local at = count_to(list, id) - 1
if at < 0 then return false end
local entry = redis.call('LINDEX', list, at)
return id_of(entry) == id and entry or false
