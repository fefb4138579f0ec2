-- Bytes that a key takes, all of its elements looked at. Writes nothing.
--
-- KEYS[1] the key

return redis.call('MEMORY', 'USAGE', KEYS[1], 'SAMPLES', 0)
