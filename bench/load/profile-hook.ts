/**
 * Loaded into the server's processes by scenarios that look into them: on SIGUSR2 a process begins a CPU
 * profile, on the next it ends it and writes `BENCH_PROFILE_DIR/PID.cpuprofile`. It does nothing else.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';

const SAMPLE_US = 500;
const stem = join(process.env.BENCH_PROFILE_DIR ?? '.', String(process.pid));
let session: Session | null = null;

function put(name: string, text: string): void {
  writeFileSync(`${name}.part`, text);
  renameSync(`${name}.part`, name);
}

process.on('SIGUSR2', () => {
  if (session === null) {
    const begun = new Session();
    session = begun;
    begun.connect();
    begun.post('Profiler.enable');
    begun.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
    begun.post('Profiler.start', () => put(`${stem}.begun`, ''));
    return;
  }
  const ended = session;
  session = null;
  ended.post('Profiler.stop', (_error, { profile }) => {
    put(`${stem}.cpuprofile`, JSON.stringify(profile));
    ended.disconnect();
  });
});
