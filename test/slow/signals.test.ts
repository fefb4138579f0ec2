import t from 'tap';
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
