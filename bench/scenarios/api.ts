/** `/webapi/sync/single` alone: durable requests a second while no device is online, beside an echo by `node:http`. */
import { USER_BIZ } from '../load/longlink.js';
import { type Figure, less, median, more, NOTHING_WRONG } from '../report/result.js';
import type { Run, Sender } from '../run.js';
import { usageOf } from '../server.js';
import { cpuFigures } from './common.js';
import { samplesToHistogram } from './samples.js';
import type { Scenario } from './scenario.js';

const CONNECTIONS = [1, 16, 64, 256];
/** Connections of the comparison, in turn. */
const COMPARED = 64;
const ROUNDS = 5;

export const api: Scenario = {
  about: 'durable requests of /webapi/sync/single a second, no device online, and of a bare HTTP server',
  defaults: { devices: 100_000, seconds: 3, payloadBytes: 300 },
  small: { devices: 1_000, seconds: 0.3 },
  async run(run) {
    const server = await run.server();
    const sender = await run.sender(server);
    const figures: Figure[] = [];
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
    const compared = await compare(run, sender, await startEcho(run, server));
    accepted += compared.accepted;
    // Nothing was delivered, but what was answered must be there, each once.
    const stored = await server.metric('longlink_conservation', 'part="accepted"');
    const lost = Math.max(0, accepted - stored);
    const duplicated = Math.max(0, stored - accepted);
    const wrong = { ...NOTHING_WRONG, lost, duplicated };
    return { wrong, checked: accepted, figures: [...figures, ...compared.figures], series: [] };
  },
};

async function startEcho(run: Run, server: Parameters<Run['sender']>[0]): Promise<Sender> {
  const echo = run.child('./peers/echo-server.js', run.options.cores.server);
  const port = await echo.ask<number>('listen');
  return run.sender({ ...server, ports: { ...server.ports, api: port } });
}

async function compare(
  run: Run,
  own: Sender,
  echo: Sender,
): Promise<{ accepted: number; figures: readonly Figure[] }> {
  const ratios: number[] = [];
  const rates: number[] = [];
  let accepted = 0;
  for (let round = 0; round < (run.options.small ? 1 : ROUNDS); round += 1) {
    run.progress(`beside an echo: round ${round + 1}`);
    const args = { biz: USER_BIZ, connections: COMPARED, seconds: run.options.seconds, perSecond: 0 };
    const ours = await own.requests(args);
    const bare = await echo.requests(args);
    accepted += ours.accepted;
    rates.push(bare.accepted / bare.seconds);
    ratios.push(ours.accepted / ours.seconds / (bare.accepted / bare.seconds));
  }
  return {
    accepted,
    figures: [
      more(`bare HTTP, ${COMPARED} connections: requests`, median(rates), 'per second'),
      more(`${COMPARED} connections: requests, of those of bare HTTP`, median(ratios), 'times'),
    ],
  };
}
