-- Writes documents, all or none.
--
-- KEYS[1] base of the documents
-- ARGV    for each: collection as part of a key, key, and the row; an empty row deletes

local base = KEYS[1]
for at = 1, #ARGV, 3 do
  local collection, key, row = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local names, rows = base .. ':k:' .. collection, base .. ':v:' .. collection
  -- Counters lie in a hash of their own, behind a mark.
  if redis.call('HGET', rows, key) == '#' then
    redis.call('UNLINK', base .. ':n:' .. collection .. ':' .. key)
  end
  if row == '' then
    redis.call('ZREM', names, key)
    redis.call('HDEL', rows, key)
  else
    redis.call('ZADD', names, 0, key)
    redis.call('HSET', rows, key, row)
  end
end
