-- What the scripts of streams have in common; put in front of each of them (scripts.ts).
--
-- Keys are those of keys.ts. `base` is the beginning of an owner's keys, `shard` that of the owner's
-- shard. Scripts make the names of the keys they touch from these two, which they are given as KEYS: all
-- of them carry the same braces, so they lie in the slot that KEYS[1] has led to.
--
-- Ids and times are Lua numbers, exact up to 2^53; `text` writes them in full (tostring would not).

local DAY = 86400000
-- Thirty days of thirdMsgIds are kept in hashes of ten days each, so that they end as a whole.
local BUCKET = 10 * DAY
local REMEMBERED = 30 * DAY
local MOST_BUCKETS = 12
-- Expiry by Redis itself is relative to now, comes long after the sweep should have come, and is there
-- for stores that nobody serves any more. It is written anew only when a day of it has passed.
local SLACK = 30 * DAY
local STREAM = 60 * DAY

local function text(number)
  return string.format('%.0f', number)
end

local function stay_alive(key, ms)
  local left = redis.call('PTTL', key)
  if left == -1 or left < ms - DAY then
    redis.call('PEXPIRE', key, text(ms))
  end
end

-- An entry of a stream: the id as u64, then the record (record.ts).
local function entry_of(id, record)
  return struct.pack('>I4I4', math.floor(id / 4294967296), id % 4294967296) .. record
end

local function id_of(entry)
  local high, low = struct.unpack('>I4I4', entry)
  return high * 4294967296 + low
end

local function expires_of(entry)
  local high, low = struct.unpack('>I2I4', entry, 21)
  return high * 4294967296 + low
end

-- A stream's head: its last id, a bound below which no record of it expires (0: it has none), and the
-- first and the last of its buckets of thirdMsgIds (0: none).
local function read_head(base, biz)
  local row = redis.call('HGET', base .. ':h', biz)
  if not row then return { last = 0, ends = 0, first = 0, latest = 0 } end
  local last, ends, first, latest = string.match(row, '^(%d+) (%d+) (%d+) (%d+)$')
  return { last = tonumber(last), ends = tonumber(ends), first = tonumber(first), latest = tonumber(latest) }
end

local function write_head(base, biz, head)
  local row = text(head.last) .. ' ' .. text(head.ends) .. ' ' .. text(head.first) .. ' ' .. text(head.latest)
  redis.call('HSET', base .. ':h', biz, row)
end

local function bucket_key(base, biz, bucket)
  return base .. ':m:' .. biz .. ':' .. text(bucket)
end

-- Under which id and when a thirdMsgId was accepted, from `since` on. Nil when it is not remembered. One
-- that waits for its time has id 0 and its name among what waits.
local function recall(base, biz, head, hash, since)
  if head.latest == 0 then return nil end
  for bucket = head.latest, math.max(head.first, math.floor(since / BUCKET)), -1 do
    local row = redis.call('HGET', bucket_key(base, biz, bucket), hash)
    if row then
      local id, accepted, waiting = string.match(row, '^(%d+) ?(%d*) ?(.*)$')
      id = tonumber(id)
      return { id = id, accepted = tonumber(accepted) or math.floor(id / 1000), waiting = waiting }
    end
  end
  return nil
end

-- Changes `head`; the caller writes it. Nearly always the id tells the time of acceptance.
local function remember(base, biz, head, hash, id, accepted, waiting)
  local bucket = math.floor(accepted / BUCKET)
  local key = bucket_key(base, biz, bucket)
  local row = text(id)
  if math.floor(id / 1000) ~= accepted then row = row .. ' ' .. text(accepted) end
  if waiting then row = row .. ' ' .. waiting end
  redis.call('HSET', key, hash, row)
  stay_alive(key, BUCKET + REMEMBERED + 2 * DAY)
  if head.latest == 0 then
    head.first, head.latest = bucket, bucket
  else
    head.latest = math.max(head.latest, bucket)
    head.first = math.max(math.min(head.first, bucket), head.latest - MOST_BUCKETS)
  end
end

-- How many entries of a stream have ids up to `id`: those before that index.
local function count_to(list, id)
  local low, high = 0, redis.call('LLEN', list)
  if high == 0 or id_of(redis.call('LINDEX', list, -1)) <= id then return high end
  while low < high do
    local middle = math.floor((low + high) / 2)
    if id_of(redis.call('LINDEX', list, middle)) <= id then low = middle + 1 else high = middle end
  end
  return low
end

-- How far the user has acknowledged a stream of which the user is the one reader; 0 for other streams.
-- The row is a stamp of 8 bytes, a seal of 5 (record.ts) and JSON (cursors.ts).
local function acked_by_user(base, biz, single)
  if single ~= '1' then return 0 end
  local row = redis.call('GET', base .. ':k')
  if not row then return 0 end
  -- A damaged row says nothing; an error would leave the caller's step half done.
  local read, cursors = pcall(cjson.decode, string.sub(row, 14))
  if not read or type(cursors) ~= 'table' then return 0 end
  for _, cursor in ipairs(cursors) do
    if type(cursor) == 'table' and cursor[1] == 'u' and cursor[3] == biz then return tonumber(cursor[4]) or 0 end
  end
  return 0
end

-- Ends of records are counted by reason, and written by `write_counts`.
local function count_end(counts, reason, id, acked)
  if id <= acked then reason = 'consumed' end
  counts[reason] = (counts[reason] or 0) + 1
  counts.retained = (counts.retained or 0) - 1
end

local function write_counts(shard, name, counts)
  for field, by in pairs(counts) do
    redis.call('HINCRBY', shard .. ':c', name .. ':' .. field, by)
  end
end

local function forget_events(base, biz, ids)
  for at = 1, #ids, 100 do
    local keys = {}
    for n = at, math.min(at + 99, #ids) do
      keys[#keys + 1] = base .. ':e:' .. biz .. ':' .. text(ids[n])
    end
    redis.call('UNLINK', unpack(keys))
  end
end

-- Ends the first `count` records of a stream, a hundred at a time: all at once they might be large.
local function end_first(base, biz, count, reason, acked, counts)
  local list = base .. ':r:' .. biz
  while count > 0 do
    local step = math.min(count, 100)
    local ids = {}
    for n, entry in ipairs(redis.call('LRANGE', list, 0, step - 1)) do
      ids[n] = id_of(entry)
      count_end(counts, reason, ids[n], acked)
    end
    redis.call('LTRIM', list, step, -1)
    forget_events(base, biz, ids)
    count = count - step
  end
end
