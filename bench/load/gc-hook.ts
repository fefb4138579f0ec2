/**
 * Loaded into the server's processes by scenarios that weigh memory: on SIGUSR2 a process collects its
 * garbage and writes what its heap holds to `BENCH_HEAP_DIR/PID.json`. It does nothing else.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Once is not enough for what finalizers let go. */
const ROUNDS = 4;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('SIGUSR2', () => {
  for (let round = 0; round < ROUNDS; round += 1) collect();
  const file = join(process.env.BENCH_HEAP_DIR ?? '.', `${process.pid}.json`);
  writeFileSync(`${file}.part`, JSON.stringify(process.memoryUsage()));
  renameSync(`${file}.part`, file);
});
