-- Documents of a collection in the order of their keys' bytes. Writes nothing.
--
-- KEYS[1] base of the documents
-- ARGV[1] collection as part of a key   ARGV[2] and [3] bounds as of ZRANGEBYLEX   ARGV[4] most
--
-- Returns for each its key and its row; for counters a list of names and numbers in the row's place.

local base, collection = KEYS[1], ARGV[1]
local docs = {}
for _, key in ipairs(redis.call('ZRANGEBYLEX', base .. ':k:' .. collection, ARGV[2], ARGV[3], 'LIMIT', 0, ARGV[4])) do
  local row = redis.call('HGET', base .. ':v:' .. collection, key)
  if row == '#' then row = redis.call('HGETALL', base .. ':n:' .. collection .. ':' .. key) end
  if row then
    docs[#docs + 1] = key
    docs[#docs + 1] = row
  end
end
return docs
