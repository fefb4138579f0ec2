-- Takes messages of one stream back.
--
-- KEYS[1] base of the owner   KEYS[2] base of the shard
-- ARGV[1] bizType as part of a key   ARGV[2] bizType   ARGV[3] the stream's name among the counters
-- ARGV[4] 1 when the user is the stream's one reader
-- then for each: hash of the thirdMsgId, and the ms since which it was accepted
--
-- Returns for each: nothing, when it is not remembered; or its id, acceptedMs, 1 when it waited for its
-- time until now, and its entry if it was retained until now.

local base, shard, biz = KEYS[1], KEYS[2], ARGV[1]
local list = base .. ':r:' .. biz
local head = read_head(base, biz)
local acked = acked_by_user(base, ARGV[2], ARGV[4])
local counts, results = {}, {}

local function take(id)
  local at = count_to(list, id) - 1
  local entry = at >= 0 and redis.call('LINDEX', list, at)
  if not entry or id_of(entry) ~= id then return '' end
  redis.call('LSET', list, at, '')
  redis.call('LREM', list, 1, '')
  count_end(counts, 'revoked', id, acked)
  forget_events(base, biz, { id })
  return entry
end

for at = 5, #ARGV, 2 do
  local first = recall(base, biz, head, ARGV[at], 0)
  local result = {}
  if first and first.accepted >= tonumber(ARGV[at + 1]) then
    local waited, entry = 0, ''
    if first.id > 0 then
      entry = take(first.id)
    else
      waited = redis.call('HDEL', shard .. ':w', first.waiting)
      redis.call('ZREM', shard .. ':q', first.waiting)
    end
    result = { text(first.id), text(first.accepted), waited, entry }
  end
  results[#results + 1] = result
end
write_counts(shard, ARGV[3], counts)
return results
