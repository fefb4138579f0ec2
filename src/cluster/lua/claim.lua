-- Claims a device for a node: the newest claim wins, the older ones are told to the caller.
-- KEYS[1]  routes of the device: member -> epoch
-- ARGV[1]  member
-- ARGV[2]  epoch that its session has, or 0 for a new one
-- ARGV[3]  life of the key, ms
-- Returns  the epoch as text, or '0' when a newer session is known; then member and epoch of the older.
local own = tonumber(ARGV[2])
local top = 0
local fields = redis.call('HGETALL', KEYS[1])
for at = 2, #fields, 2 do
  local epoch = tonumber(fields[at])
  if epoch > top then top = epoch end
end
if own ~= 0 and top > own then return { '0' } end
if own == 0 then
  -- By time, so that sessions of different devices of a user can be told apart by age.
  local time = redis.call('TIME')
  own = math.max(top + 1, time[1] * 1000000 + time[2])
end
local text = string.format('%.0f', own)
local result = { text }
for at = 1, #fields, 2 do
  if fields[at] ~= ARGV[1] then
    redis.call('HDEL', KEYS[1], fields[at])
    table.insert(result, fields[at])
    table.insert(result, fields[at + 1])
  end
end
redis.call('HSET', KEYS[1], ARGV[1], text)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return result
