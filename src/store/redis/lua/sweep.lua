-- Ends what is past its time in a part of one stream, and forgets old thirdMsgIds.
--
-- KEYS[1] base of the owner   KEYS[2] base of the shard
-- ARGV[1] bizType as part of a key   ARGV[2] bizType   ARGV[3] the stream's name among the counters
-- ARGV[4] 1 when the user is the stream's one reader   ARGV[5] wall ms
-- ARGV[6] most records to look at   ARGV[7] the id after which to go on, or 0
-- ARGV[8] the least end of the records before it, or 0
--
-- Returns how many have ended, the id after which to go on (0: done), and the least end of the records
-- that were looked at and stay.

local base, shard = KEYS[1], KEYS[2]
local biz, wall, most = ARGV[1], tonumber(ARGV[5]), tonumber(ARGV[6])
local after, ends = tonumber(ARGV[7]), tonumber(ARGV[8])
local list = base .. ':r:' .. biz
local head = read_head(base, biz)

while head.latest > 0 and (head.first + 1) * BUCKET + REMEMBERED <= wall do
  redis.call('UNLINK', bucket_key(base, biz, head.first))
  if head.first < head.latest then head.first = head.first + 1 else head.first, head.latest = 0, 0 end
end

local counts, ids = {}, {}
local acked = acked_by_user(base, ARGV[2], ARGV[4])
local at = count_to(list, after)
local start, looked, length = at, 0, redis.call('LLEN', list)
-- Those at the beginning go at once; one further behind is emptied and removed with the others.
local leading, emptied = 0, 0
while at < length and looked < most do
  for _, entry in ipairs(redis.call('LRANGE', list, at, math.min(at + 31, at + most - looked - 1))) do
    after = id_of(entry)
    -- A damaged record may name any end; its id still bounds it, for it was never below acceptance.
    local expires = math.min(expires_of(entry), after / 1000 + REMEMBERED)
    if expires <= wall then
      ids[#ids + 1] = after
      count_end(counts, 'expired', after, acked)
      if start == 0 and leading == at then
        leading = leading + 1
      else
        redis.call('LSET', list, at, '')
        emptied = emptied + 1
      end
    elseif ends == 0 or expires < ends then
      ends = expires
    end
    at = at + 1
    looked = looked + 1
  end
end
if leading > 0 then redis.call('LTRIM', list, leading, -1) end
if emptied > 0 then redis.call('LREM', list, emptied, '') end
forget_events(base, biz, ids)
write_counts(shard, ARGV[3], counts)

local done = at >= length
if done then head.ends = ends end
write_head(base, biz, head)
return { #ids, done and '0' or text(after), text(ends) }
