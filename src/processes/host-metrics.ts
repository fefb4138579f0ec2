/** What a worker's sessions count, as metrics of the process. */
import type { Topic } from '../core/catalogue.js';
import type { CountName } from '../core/session.js';
import type { HostMetrics } from '../link/session-io.js';
import type { Count, Metrics } from '../observe/metrics.js';

export function createHostMetrics(metrics: Metrics): HostMetrics {
  // Topics are replaced when the catalogue changes; their counters are found again by their names.
  const byTopic = new WeakMap<Topic, Map<CountName, Count>>();
  const ahead = metrics.count('longlink_points_ahead_total');
  let sessions = 0;
  metrics.onCollect(() => metrics.set('longlink_sessions', sessions));

  const countOf = (topic: Topic, step: CountName): Count => {
    let counts = byTopic.get(topic);
    if (counts === undefined) {
      counts = new Map();
      byTopic.set(topic, counts);
    }
    let count = counts.get(step);
    if (count === undefined) {
      const { instance, biz } = topic.config;
      count = metrics.count('longlink_oplogs_total', { instance, biz, step });
      counts.set(step, count);
    }
    return count;
  };

  return {
    count: (topic, name, by) => countOf(topic, name).inc(by),
    pointAhead: () => ahead.inc(),
    sessions(count) {
      sessions = count;
    },
  };
}
