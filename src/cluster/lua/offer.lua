-- Says that a node has sessions of a user, and which node may feed the user's single-device streams:
-- the one with the newest session, as soon as the one before it has let go.
-- KEYS[1]  routes of the user: member -> epoch of its newest session
-- KEYS[2]  hash: holder (may feed), winner (is to feed), since (ms; when the holder was asked to let go)
-- ARGV[1]  member
-- ARGV[2]  epoch of its newest session of the user; 0 for none
-- ARGV[3]  1 when none of its sessions feeds, and what they acknowledged is written
-- ARGV[4]  life of the keys, ms
-- ARGV[5]  a holder that has not let go after so many ms is passed over
-- ARGV[6]  a member that began less than so many ms ago is alive although the caller does not know it;
--          by its own clock, so one that began so far ahead is not
-- ARGV[7…] members that are alive
-- Returns  holder, winner, 1 when either has changed, then all members with sessions of the user.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local live = {}
for at = 7, #ARGV do live[ARGV[at]] = true end
local function alive(member)
  if live[member] then return true end
  local began = tonumber(string.match(member, '@(%d+)$'))
  return began ~= nil and math.abs(now - began) < tonumber(ARGV[6])
end

if ARGV[2] == '0' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
local winner, best = '', 0
local members = {}
local fields = redis.call('HGETALL', KEYS[1])
for at = 1, #fields, 2 do
  local epoch = tonumber(fields[at + 1])
  members[fields[at]] = true
  if epoch > best and alive(fields[at]) then winner, best = fields[at], epoch end
end

local holder = redis.call('HGET', KEYS[2], 'holder') or ''
local was = redis.call('HGET', KEYS[2], 'winner') or ''
local since = tonumber(redis.call('HGET', KEYS[2], 'since') or '0')
local before = holder
if winner == '' then
  redis.call('DEL', KEYS[2])
  holder = ''
else
  if holder ~= winner then
    local letGo = holder == '' or not members[holder] or not alive(holder)
    if letGo or (holder == ARGV[1] and ARGV[3] == '1') then holder = winner
    elseif since == 0 then since = now
    elseif now - since > tonumber(ARGV[5]) then holder = winner end
  end
  if holder == winner then since = 0 end
  redis.call('HSET', KEYS[2], 'holder', holder, 'winner', winner, 'since', string.format('%.0f', since))
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
end
local result = { holder, winner, (holder ~= before or winner ~= was) and 1 or 0 }
for member in pairs(members) do table.insert(result, member) end
return result
