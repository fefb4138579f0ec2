import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { childrenOf } from '../../bench/machine.js';
import { createCluster, isAlive, signal, until } from '../faults/cluster.js';

t.test('a second signal ends at once, whatever still hangs', async (t) => {
  const cluster = await createCluster({ workers: 1, config: { drain: { overMs: 0, limitMs: 60_000 } } });
  t.teardown(() => cluster.dispose());
  await cluster.start();
  const { supervisor, control, workers } = cluster.pids();
  for (const pid of workers) signal(pid, 'SIGSTOP');
  signal(supervisor, 'SIGTERM');
  await new Promise((done) => setTimeout(done, 300));
  t.ok(isAlive(supervisor));
  signal(supervisor, 'SIGTERM');
  await until('all gone', 5000, () => ![supervisor, control, ...workers].some(isAlive));
});

t.test('children do not outlive their supervisor', async (t) => {
  const cluster = await createCluster({ workers: 1 });
  t.teardown(() => cluster.dispose());
  await cluster.start();
  const { supervisor, control, workers } = cluster.pids();
  signal(supervisor, 'SIGKILL');
  await until('all gone', 5000, () => ![supervisor, control, ...workers].some(isAlive));
});

/** All processes below a process. */
function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child.pid, ...descendantsOf(child.pid)]);
}

// Servers went on for days after the terminal of a load test had been closed.
t.test('a load test that loses its terminal leaves no server behind', async (t) => {
  const main = fileURLToPath(new URL('../../bench/main.js', import.meta.url));
  const out = t.testdir();
  const args = [main, 'latency', '--devices', '50', '--seconds', '60', '--pin', 'none', '--out', out];
  const bench = spawn(process.execPath, args, { stdio: 'ignore' });
  const { pid = 0 } = bench;
  t.teardown(() => bench.kill('SIGKILL'));
  let started: number[] = [];
  // Supervisor, control and a worker, the sender and the devices.
  await until('the load runs', 30_000, () => {
    started = descendantsOf(pid);
    return started.length >= 5;
  });
  const ended = once(bench, 'exit');
  bench.kill('SIGHUP');
  t.same(await ended, [129, null]);
  await until('all gone', 10_000, () => !started.some(isAlive));
});
