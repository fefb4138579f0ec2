-- Writes the cursors of a reader, if nobody else has since they were read.
--
-- KEYS[1] the row
-- ARGV[1] the stamp (first 8 bytes) of the row that was read, or empty for none
-- ARGV[2] the new row   ARGV[3] for how many ms it is kept
--
-- Returns nothing when it is written, else the row as it is, or an empty one.

local row = redis.call('GET', KEYS[1]) or ''
if string.sub(row, 1, 8) ~= ARGV[1] then return row end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return false
