/** Repeated work of a process. */
import t from 'tap';
import { startTicker } from '../src/ticker.js';

t.test('repeated work never overlaps, goes on after a failure, and ends when told', async (t) => {
  let running = 0;
  let most = 0;
  let runs = 0;
  const failures: unknown[] = [];
  const ticker = startTicker(
    5,
    async () => {
      runs += 1;
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 12));
      running -= 1;
      if (runs === 1) throw new Error('once');
      return undefined;
    },
    (error) => failures.push(error),
  );
  while (runs < 4) await new Promise((resolve) => setTimeout(resolve, 5));
  await ticker.stop();
  t.equal(running, 0, 'the run under way was waited for');
  const ended = runs;
  await new Promise((resolve) => setTimeout(resolve, 40));
  t.equal(runs, ended);
  t.equal(most, 1);
  t.equal(failures.length, 1);
});

t.test('repeated work of one pace is done in one wake, whenever it was begun', async (t) => {
  const everyMs = 100;
  const times: [number[], number[]] = [[], []];
  const start = (mine: number[]) =>
    startTicker(
      everyMs,
      async () => {
        mine.push(performance.now());
        return undefined;
      },
      () => {},
    );
  const first = start(times[0]);
  await new Promise((resolve) => setTimeout(resolve, 35));
  const second = start(times[1]);
  while (times[1].length < 7) await new Promise((resolve) => setTimeout(resolve, 20));
  await Promise.all([first.stop(), second.stop()]);
  const apart = times[1].map((at) => Math.min(...times[0].map((other) => Math.abs(other - at))));
  const median = apart.sort((a, b) => a - b)[3] ?? everyMs;
  t.ok(median < 15, `${apart.map(Math.round).join(', ')} ms apart`);
});
