/** What the control process counts, and the one page for all processes of the server. */
import type { ControlBus, WorkerAnswer } from '../bus/port.js';
import type { AppendResult, Store } from '../core/ports.js';
import type { RouteTable } from '../core/route-table.js';
import { exposition, type Metrics, type MetricValues } from '../observe/metrics.js';
import type { SchedulingEvents } from '../push/schedules/index.js';

const WORKER_ANSWER_MS = 2000;

/** The store with its appends counted and timed. */
export function meterStore(store: Store, metrics: Metrics): Store {
  const counts = {
    stored: metrics.count('longlink_appends_total', { result: 'stored' }),
    duplicate: metrics.count('longlink_appends_total', { result: 'duplicate' }),
    scheduled: metrics.count('longlink_appends_total', { result: 'scheduled' }),
  } satisfies Record<AppendResult['status'], unknown>;
  const failed = metrics.count('longlink_appends_total', { result: 'failed' });
  const observe = metrics.observer('longlink_append_seconds');
  return {
    ...store,
    async append(requests) {
      const startMs = performance.now();
      try {
        const results = await store.append(requests);
        observe((performance.now() - startMs) / 1000);
        for (const { status } of results) counts[status].inc();
        return results;
      } catch (error) {
        failed.inc(requests.length);
        throw error;
      }
    },
  };
}

/** Counts the planned times of scheduled pushes. */
export function scheduleMeter(metrics: Metrics): SchedulingEvents['onResult'] {
  const late = metrics.observer('longlink_push_schedule_late_seconds');
  return (result, lateMs) => {
    metrics.count('longlink_push_schedules_total', { result }).inc();
    if (result === 'fired') late(lateMs / 1000);
  };
}

/** Counts what devices report of pushes; for the handler of ReportEvent frames. */
export function reportMeter(metrics: Metrics): (event: 'arrived' | 'opened' | 'ignored') => void {
  return (event) => metrics.count('longlink_push_reports_total', { event }).inc();
}

/** Gauges of the bus, the routes and the conservation of records, brought up to date when asked for. */
export function watchControl(metrics: Metrics, store: Store, bus: ControlBus, table: RouteTable): void {
  const dropped = metrics.count('longlink_bus_dropped_wakes_total');
  const overflows = metrics.count('longlink_bus_overflows_total');
  const received = metrics.count('longlink_bus_messages_total', { direction: 'in' });
  const sent = metrics.count('longlink_bus_messages_total', { direction: 'out' });
  metrics.onCollect(() => {
    const stats = bus.stats();
    dropped.total(stats.droppedWakes);
    overflows.total(stats.overflows);
    received.total(stats.received);
    sent.total(stats.sent);
    metrics.set('longlink_bus_queued_messages', stats.queued);
    metrics.set('longlink_workers', bus.workers().length);
    metrics.set('longlink_routes', table.bySession.size);
  });
  metrics.onCollect(async () => {
    // While the store does not answer, all else is shown: that is when the page is looked at.
    const sums = await store.conservation().catch(() => []);
    metrics.clear('longlink_conservation');
    metrics.clear('longlink_conservation_gap');
    for (const { instance, biz, ...parts } of sums) {
      for (const [part, value] of Object.entries(parts)) {
        metrics.set('longlink_conservation', value, { instance, biz, part });
      }
      const { accepted, retained, expired, consumed, trimmed, revoked, deleted } = parts;
      const ended = expired + consumed + trimmed + revoked + deleted;
      metrics.set('longlink_conservation_gap', accepted - retained - ended, { instance, biz });
    }
  });
}

/** The Prometheus page of control and all workers; a worker that does not answer in time is left out. */
export async function metricsPage(own: Metrics, bus: ControlBus): Promise<string> {
  const ofWorkers = bus.workers().map((worker) => askWorker(bus, worker));
  const all = await Promise.all([own.values(), ...ofWorkers]);
  return exposition(all.filter((values) => values !== null));
}

function askWorker(bus: ControlBus, worker: number): Promise<MetricValues | null> {
  return new Promise((resolve) => {
    bus.ask(worker, { type: 'metricsRequest' }, WORKER_ANSWER_MS, (reply: WorkerAnswer | null) => {
      resolve(reply?.type === 'metrics' ? (reply.json as MetricValues) : null);
    });
  });
}
