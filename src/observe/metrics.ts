/**
 * Metrics of one process. On the hot path a count is one addition to a plain number; prom-client sees
 * the sums when somebody asks for them.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { AggregatorRegistry, Counter, Gauge, Histogram, type MetricObject, Registry } from 'prom-client';
import { METRICS, type MetricDefinition, type MetricName } from './metric-catalogue.js';

type Labels = Readonly<Record<string, string>>;

/** A count that only grows. */
export interface Count {
  inc(by?: number): void;
  /** Takes over a total that another part keeps; it must never go back. */
  total(value: number): void;
}

/** Metrics of one process in the exchange form. */
export type MetricValues = MetricObject[];

export interface Metrics {
  /** The counter's child for these labels, the same at every call; resolve once, count often. */
  count(name: MetricName, labels?: Labels): Count;
  set(name: MetricName, value: number, labels?: Labels): void;
  /** Forgets all label values of a gauge whose children come and go. */
  clear(name: MetricName): void;
  observer(name: MetricName, labels?: Labels): (value: number) => void;
  /** Called before the values are read, to bring gauges up to date. */
  onCollect(collect: () => void | Promise<void>): void;
  /** The values now. */
  values(): Promise<MetricValues>;
  close(): void;
}

/** Steps of the lag measurement. Shorter ones would find more short stalls, and cost an idle server more. */
const LAG_RESOLUTION_MS = 500;

/** @param role `control`, `worker` or `all`: the label under which processes of one kind add up. */
export function createMetrics(role: string): Metrics {
  const registry = new Registry();
  const collectors: (() => void | Promise<void>)[] = [];
  const counts = new Map<string, Count>();
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const [name, definition] of Object.entries<MetricDefinition>(METRICS)) {
    const { type, help, labels, across, buckets } = definition;
    const shared = { name, help, labelNames: [...labels], aggregator: across, registers: [registry] };
    if (type === 'counter') counters.set(name, new Counter(shared));
    else if (type === 'gauge') gauges.set(name, new Gauge(shared));
    else histograms.set(name, new Histogram({ ...shared, buckets: [...(buckets ?? [])] }));
  }

  const metrics: Metrics = {
    count(name, labels = {}) {
      const key = `${name} ${Object.values(labels).join('\0')}`;
      const existing = counts.get(key);
      if (existing !== undefined) return existing;
      const child = known(counters, name).labels(labels);
      let value = 0;
      let shown = 0;
      collectors.push(() => {
        if (value > shown) child.inc(value - shown);
        shown = value;
      });
      const count: Count = {
        inc(by = 1) {
          value += by;
        },
        total(next) {
          value = Math.max(value, next);
        },
      };
      counts.set(key, count);
      return count;
    },
    set: (name, value, labels = {}) => known(gauges, name).set(labels, value),
    clear: (name) => known(gauges, name).reset(),
    observer(name, labels = {}) {
      const child = known(histograms, name).labels(labels);
      return (value) => child.observe(value);
    },
    onCollect(collect) {
      // Before the counters' own steps, which show what it has counted.
      collectors.unshift(collect);
    },
    async values() {
      for (const collect of collectors) await collect();
      return registry.getMetricsAsJSON() as Promise<MetricValues>;
    },
    close: () => lag.disable(),
  };
  const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  watchProcess(metrics, role, lag);
  return metrics;
}

/** The text form of what several processes measured. */
export function exposition(all: readonly MetricValues[]): Promise<string> {
  return AggregatorRegistry.aggregate([...all]).metrics();
}

function known<T>(kind: ReadonlyMap<string, T>, name: MetricName): T {
  const metric = kind.get(name);
  if (metric === undefined) throw new TypeError(`${name} is a ${METRICS[name].type}`);
  return metric;
}

function watchProcess(metrics: Metrics, role: string, lag: ReturnType<typeof monitorEventLoopDelay>): void {
  lag.enable();
  const cpu = metrics.count('longlink_process_cpu_seconds_total', { role });
  const seconds = (nanos: number): number =>
    Number.isFinite(nanos) ? Math.max(0, nanos / 1e9 - LAG_RESOLUTION_MS / 1000) : 0;
  metrics.onCollect(() => {
    const { user, system } = process.cpuUsage();
    cpu.total((user + system) / 1e6);
    metrics.set('longlink_process_resident_bytes', process.memoryUsage.rss(), { role });
    for (const [quantile, value] of [
      ['0.5', lag.percentile(50)],
      ['0.99', lag.percentile(99)],
      ['1', lag.max],
    ] as const) {
      metrics.set('longlink_event_loop_lag_seconds', seconds(value), { role, quantile });
    }
    lag.reset();
  });
}
