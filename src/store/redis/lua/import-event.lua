-- Puts a logged event, once.
--
-- KEYS[1] the list of the message's events
-- ARGV[1] the row   ARGV[2] for how many ms it is kept

if not redis.call('LPOS', KEYS[1], ARGV[1]) then redis.call('RPUSH', KEYS[1], ARGV[1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
