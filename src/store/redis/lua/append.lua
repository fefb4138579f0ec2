-- Adds records to one stream: dedupe, id, record, trim, counters, and whom to wake; all or nothing.
--
-- KEYS[1] base of the owner   KEYS[2] base of the shard
-- ARGV[1] bizType as part of a key   ARGV[2] bizType   ARGV[3] the stream's name among the counters
-- ARGV[4] 1 when the user is the stream's one reader   ARGV[5] idFloor
-- then for each request:
--   [1] `now`; `later`: it waits until [4]; or the name under which it has waited: it is due
--   [2] hash of the thirdMsgId, or empty: not remembered   [3] acceptedMs
--   [4] the time that its id carries, or at which it is due   [5] expiresMs
--   [6] newest records to keep, or 0   [7] the record, or with `later` what is kept aside
--
-- Returns the results and the fields of the owner's hash of routes. A result is
--   s id prev trimmed: stored   d id acceptedMs: a duplicate   w: it waits   g: due, but not there any more

local base, shard = KEYS[1], KEYS[2]
local biz, single, floor = ARGV[1], ARGV[4], tonumber(ARGV[5])
local list = base .. ':r:' .. biz
local head = read_head(base, biz)
local counts, results, alive = {}, {}, 0

local function keep_aside(accepted, due, row)
  local name = string.format('%015.0f-%012.0f', accepted, redis.call('INCR', shard .. ':n'))
  redis.call('ZADD', shard .. ':q', text(due), name)
  redis.call('HSET', shard .. ':w', name, row)
  return name
end

local function add(hash, accepted, time, expires, keep, record)
  local prev = head.last
  local id = math.max(prev + 1, time * 1000, floor)
  redis.call('RPUSH', list, entry_of(id, record))
  stay_alive(list, expires - time + SLACK)
  alive = math.max(alive, STREAM, id / 1000 - time + STREAM, expires - time + 2 * SLACK)
  if hash ~= '' then remember(base, biz, head, hash, id, accepted) end
  head.last = id
  if head.ends == 0 or expires < head.ends then head.ends = expires end
  counts.accepted = (counts.accepted or 0) + 1
  counts.retained = (counts.retained or 0) + 1
  local excess = 0
  if keep > 0 then excess = math.max(0, redis.call('LLEN', list) - keep) end
  if excess > 0 then
    end_first(base, biz, excess, 'trimmed', acked_by_user(base, ARGV[2], single), counts)
  end
  return { 's', text(id), text(prev), excess }
end

for at = 6, #ARGV, 7 do
  local mode, hash = ARGV[at], ARGV[at + 1]
  local accepted, time = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local expires, keep, bytes = tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5]), ARGV[at + 6]
  local first = nil
  if hash ~= '' and (mode == 'now' or mode == 'later') then
    first = recall(base, biz, head, hash, accepted - REMEMBERED)
  end
  local result
  if first and accepted < first.accepted + REMEMBERED then
    result = { 'd', text(first.id), text(first.accepted) }
  elseif mode == 'later' then
    local waiting = keep_aside(accepted, time, bytes)
    if hash ~= '' then
      remember(base, biz, head, hash, 0, accepted, waiting)
      alive = math.max(alive, STREAM)
    end
    result = { 'w' }
  elseif mode ~= 'now' and redis.call('HDEL', shard .. ':w', mode) == 0 then
    result = { 'g' }
  else
    if mode ~= 'now' then redis.call('ZREM', shard .. ':q', mode) end
    result = add(hash, accepted, time, expires, keep, bytes)
  end
  results[#results + 1] = result
end

if alive == 0 then return { results, {} } end
write_head(base, biz, head)
stay_alive(base .. ':h', alive)
write_counts(shard, ARGV[3], counts)
return { results, redis.call('HKEYS', base .. ':routes') }
