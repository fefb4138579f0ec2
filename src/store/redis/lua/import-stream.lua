-- Puts what another store had of one stream; what is there already stays as it is.
--
-- KEYS[1] base of the owner
-- ARGV[1] bizType as part of a key   ARGV[2] now, wall ms
-- then for each: `r` id expiresMs record;  `l` last id, twice nothing;
--   `m` id acceptedMs hash of the thirdMsgId

local base, biz, now = KEYS[1], ARGV[1], tonumber(ARGV[2])
local list = base .. ':r:' .. biz
local head = read_head(base, biz)
local alive = STREAM
local newest = redis.call('LINDEX', list, -1)
newest = newest and id_of(newest) or 0

for at = 3, #ARGV, 4 do
  local what, first, second, bytes = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), ARGV[at + 3]
  if what == 'r' then
    if first > newest then
      redis.call('RPUSH', list, entry_of(first, bytes))
      newest = first
    end
    stay_alive(list, math.max(second - now, 0) + SLACK)
    alive = math.max(alive, second - now + 2 * SLACK)
    if head.ends == 0 or second < head.ends then head.ends = second end
    head.last = math.max(head.last, first)
  elseif what == 'l' then
    head.last = math.max(head.last, first)
    alive = math.max(alive, first / 1000 - now + STREAM)
  else
    remember(base, biz, head, bytes, first, second)
  end
end
write_head(base, biz, head)
stay_alive(base .. ':h', alive)
