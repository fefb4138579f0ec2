-- Lists dead letters of one instance.
--
-- KEYS[1] base of the instance's letters
-- ARGV[1] `add`, or `change` those that are listed   ARGV[2] for how many ms the list is kept
-- then for each: its name and its row

for at = 3, #ARGV, 2 do
  if ARGV[1] == 'add' or redis.call('HEXISTS', KEYS[1] .. ':v', ARGV[at]) == 1 then
    redis.call('ZADD', KEYS[1] .. ':k', 0, ARGV[at])
    redis.call('HSET', KEYS[1] .. ':v', ARGV[at], ARGV[at + 1])
  end
end
redis.call('PEXPIRE', KEYS[1] .. ':k', ARGV[2])
redis.call('PEXPIRE', KEYS[1] .. ':v', ARGV[2])
