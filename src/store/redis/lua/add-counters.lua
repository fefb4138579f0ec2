-- Adds to documents that hold counters, all or none. Their numbers lie in a hash of their own, so that
-- adding is one command; a document written as a whole before gives what it has of numbers.
--
-- KEYS[1] base of the documents
-- ARGV    for each: collection as part of a key, key, name of the counter, and what is added

local base = KEYS[1]

local function counters_of(collection, key)
  local rows = base .. ':v:' .. collection
  local counters = base .. ':n:' .. collection .. ':' .. key
  local row = redis.call('HGET', rows, key)
  if row == '#' then return counters end
  redis.call('ZADD', base .. ':k:' .. collection, 0, key)
  redis.call('HSET', rows, key, '#')
  -- Behind the seal of 5 bytes (record.ts).
  local read, doc = pcall(cjson.decode, row and string.sub(row, 6) or '{}')
  if read and type(doc) == 'table' then
    for name, number in pairs(doc) do
      if type(name) == 'string' and type(number) == 'number' and number % 1 == 0 then
        redis.call('HSET', counters, name, string.format('%.0f', number))
      end
    end
  end
  return counters
end

for at = 1, #ARGV, 4 do
  redis.call('HINCRBY', counters_of(ARGV[at], ARGV[at + 1]), ARGV[at + 2], ARGV[at + 3])
end
