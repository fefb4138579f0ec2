import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { createLog } from '../../src/observe/log.js';
import { METRICS, metricReference } from '../../src/observe/metric-catalogue.js';
import { createMetrics, exposition } from '../../src/observe/metrics.js';

t.test('metric names follow the convention, and the docs list all', (t) => {
  for (const [name, { type, help }] of Object.entries(METRICS)) {
    t.match(name, /^longlink_[a-z_]+$/);
    t.equal(name.endsWith('_total'), type === 'counter', name);
    t.ok(help.endsWith('.'), name);
  }
  const page = readFileSync(join(resolve(import.meta.dirname, '../../..'), 'docs/operations.md'), 'utf8');
  t.ok(page.includes(metricReference()), 'docs/operations.md holds the table as generated');
  t.end();
});

t.test('counts of several processes add up, gauges add up or take the largest', async (t) => {
  const one = createMetrics('worker');
  const two = createMetrics('worker');
  t.teardown(() => {
    one.close();
    two.close();
  });
  const sent = one.count('longlink_oplogs_total', { step: 'sent' });
  sent.inc();
  sent.inc(4);
  two.count('longlink_oplogs_total', { step: 'sent' }).inc(2);
  one.set('longlink_clock_held_seconds', 5);
  two.set('longlink_clock_held_seconds', 3);
  one.onCollect(() => one.set('longlink_sessions', 10));
  two.set('longlink_sessions', 1);
  one.observer('longlink_append_seconds')(0.004);
  const page = await exposition([await one.values(), await two.values()]);
  t.match(page, 'longlink_oplogs_total{step="sent"} 7');
  t.match(page, 'longlink_clock_held_seconds 5');
  t.match(page, 'longlink_sessions 11');
  t.match(page, 'longlink_append_seconds_bucket{le="0.005"} 1');
  t.match(page, /longlink_process_resident_bytes\{role="worker"\} \d{8}/);
  sent.inc();
  t.match(await exposition([await one.values()]), 'longlink_oplogs_total{step="sent"} 6');
});

t.test('a total taken over from elsewhere never goes back', async (t) => {
  const metrics = createMetrics('control');
  t.teardown(() => metrics.close());
  const dropped = metrics.count('longlink_bus_dropped_wakes_total');
  for (const total of [3, 2, 8]) dropped.total(total);
  t.match(await exposition([await metrics.values()]), 'longlink_bus_dropped_wakes_total 8');
  t.throws(() => metrics.count('longlink_sessions'), { message: 'longlink_sessions is a gauge' });
});

t.test('payloads and keys do not reach the log', (t) => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', format: 'json' }, 'worker-1', { write: (line) => lines.push(line) });
  log.info({ deviceKey: 'K1', request: { payload: 'P1', authorization: 'A1' }, device: 'd1' }, 'hello');
  log.debug('not this one');
  t.equal(lines.length, 1);
  const line = JSON.parse(lines[0] ?? '');
  t.match(line, { level: 'info', role: 'worker-1', pid: process.pid, device: 'd1', msg: 'hello' });
  t.notMatch(lines[0], /K1|P1|A1/);
  t.end();
});
