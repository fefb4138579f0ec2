/** `/webapi/sync/single` alone: durable requests a second while no device is online. */
import { USER_BIZ } from '../load/longlink.js';
import { less, more, NOTHING_WRONG } from '../report/result.js';
import { usageOf } from '../server.js';
import { cpuFigures } from './common.js';
import { samplesToHistogram } from './samples.js';
import type { Scenario } from './scenario.js';

const CONNECTIONS = [1, 16, 64, 256];

export const api: Scenario = {
  about: 'durable requests of /webapi/sync/single a second, no device online',
  defaults: { devices: 100_000, seconds: 5, payloadBytes: 300 },
  small: { devices: 1_000, seconds: 0.5 },
  async run(run) {
    const server = await run.server();
    const sender = await run.sender(server);
    const figures = [];
    let accepted = 0;
    for (const connections of CONNECTIONS) {
      run.progress(`${connections} connections`);
      const before = usageOf(server);
      const { seconds } = run.options;
      const sent = await sender.requests({ biz: USER_BIZ, connections, seconds, perSecond: 0 });
      if (sent.refused > 0) throw new Error(`${sent.refused} requests refused: ${sent.refusals.join(' ')}`);
      accepted += sent.accepted;
      const name = `${connections} connections`;
      const latencies = samplesToHistogram(sent.latencies);
      figures.push(
        more(`${name}: requests`, sent.accepted / sent.seconds, 'per second'),
        less(`${name}: p50`, latencies.percentile(50) / 1000, 'ms'),
        less(`${name}: p99`, latencies.percentile(99) / 1000, 'ms'),
        ...cpuFigures(server, before, sent.accepted, 'request').map((figure) => ({
          ...figure,
          name: `${name}: ${figure.name}`,
        })),
      );
    }
    // Nothing was delivered, but what was answered must be there, each once.
    const stored = await server.metric('longlink_conservation', 'part="accepted"');
    const lost = Math.max(0, accepted - stored);
    const duplicated = Math.max(0, stored - accepted);
    return { wrong: { ...NOTHING_WRONG, lost, duplicated }, checked: accepted, figures, series: [] };
  },
};
