-- A page of one stream, oldest first. Writes nothing.
--
-- KEYS[1] base of the owner
-- ARGV[1] bizType as part of a key   ARGV[2] the id before the page
-- ARGV[3] most records, at least one   ARGV[4] most bytes of bodies
--
-- Returns the last id of the stream, 1 when there is more behind the page, and the entries.

local base, biz = KEYS[1], ARGV[1]
local list = base .. ':r:' .. biz
local after, records, bytes = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

-- The length of the body at the end of an entry; record.ts has the layout.
local function body_bytes(entry)
  local flags, _, _, _, third = struct.unpack('>BI4I6I6I2', entry, 10)
  local left = #entry - 28 - third
  if flags % 4 >= 2 then left = left - 8 end
  if flags % 8 >= 4 then
    local at = #entry - left + 1
    left = left - 2 - struct.unpack('>I2', entry, at)
  end
  return left
end

local last = read_head(base, biz).last
local length = redis.call('LLEN', list)
local at = count_to(list, after)
local page = { text(last), 0 }
while at < length do
  for _, entry in ipairs(redis.call('LRANGE', list, at, at + 15)) do
    local count = #page - 2
    bytes = bytes - body_bytes(entry)
    if count > 0 and (count >= records or bytes < 0) then
      page[2] = 1
      return page
    end
    page[#page + 1] = entry
    at = at + 1
  end
end
return page
