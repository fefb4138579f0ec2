/**
 * TLS handshakes beside the bare platform: the same kind of certificate, the same resumption. First by
 * themselves; then with what follows, a Hello and all of a session here, an answer of fixed bytes there.
 */
import { cpuSeconds } from '../machine.js';
import { type Peer, startBare, startLonglink } from '../peers/peer.js';
import { type Figure, median, more, NOTHING_WRONG } from '../report/result.js';
import type { Run } from '../run.js';
import { NO_ADMISSION } from './connect.js';
import type { Scenario } from './scenario.js';

const AT_ONCE = 128;
const ROUNDS = 5;
const WARM_UP_SECONDS = 1;
const KINDS = [
  { name: 'full', handshakes: 'full', hello: false },
  { name: 'resumed', handshakes: 'resumed', hello: false },
  { name: 'full, with a session', handshakes: 'full', hello: true },
  { name: 'resumed, with a session', handshakes: 'resumed', hello: true },
] as const;

interface Rates {
  readonly perSecond: number[];
  /** By the processor time of the processes that hold the connections. */
  readonly perCore: number[];
}

export const handshakes: Scenario = {
  about: 'TLS handshakes, full and resumed, beside those of the bare platform',
  defaults: { devices: 4_000, seconds: 3, tls: true },
  small: { devices: 300, seconds: 0.3 },
  async run(run) {
    const peers = [await startLonglink(run, NO_ADMISSION), await startBare(run)];
    const figures: Figure[] = [];
    let lost = 0;
    let checked = 0;
    for (const kind of KINDS) {
      const rates = peers.map((): Rates => ({ perSecond: [], perCore: [] }));
      for (let round = 0; round < (run.options.small ? 1 : ROUNDS); round += 1)
        for (const [i, peer] of peers.entries()) {
          run.progress(`${peer.name}, ${kind.name}: round ${round + 1}`);
          const done = await measure(run, peer, kind, rates[i]);
          lost += done.lost;
          checked += done.count;
        }
      const [own, bare] = rates;
      if (own === undefined || bare === undefined) continue;
      peers.forEach(({ name }, i) => {
        figures.push(
          more(`${kind.name}: ${name}`, median(rates[i]?.perSecond ?? []), 'per second'),
          more(`${kind.name}: ${name}, per core`, median(rates[i]?.perCore ?? []), 'per second'),
        );
      });
      figures.push(
        more(
          `${kind.name}: handshakes, of those of the bare platform`,
          ratio(own.perSecond, bare.perSecond),
          'times',
        ),
        more(
          `${kind.name}: handshakes per core, of those of the bare platform`,
          ratio(own.perCore, bare.perCore),
          'times',
        ),
      );
    }
    return { wrong: { ...NOTHING_WRONG, lost }, checked, figures, series: [] };
  },
};

function ratio(own: readonly number[], other: readonly number[]): number {
  return median(own.map((value, i) => value / (other[i] ?? Number.NaN)));
}

async function measure(
  run: Run,
  peer: Peer,
  kind: (typeof KINDS)[number],
  rates: Rates | undefined,
): Promise<{ lost: number; count: number }> {
  const ports = { tls: peer.port, tcp: peer.port, api: 0, admin: 0 };
  const fleet = await run.fleet(
    { ports },
    { rules: { tls: true, handshakes: kind.handshakes, hello: kind.hello, port: peer.port }, history: null },
  );
  await fleet.churn(AT_ONCE, Math.min(WARM_UP_SECONDS, run.options.seconds));
  const before = await fleet.refresh();
  const cpu = (): number => peer.holders.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const cpuBefore = cpu();
  const started = performance.now();
  await fleet.churn(AT_ONCE, run.options.seconds);
  const seconds = (performance.now() - started) / 1000;
  const { welcomes, resumed, kicks, failures } = await fleet.refresh();
  const count = welcomes - before.welcomes;
  if (kind.handshakes === 'resumed' && resumed - before.resumed < count)
    throw new Error(`${peer.name}: ${resumed - before.resumed} of ${count} handshakes were resumed`);
  rates?.perSecond.push(count / seconds);
  rates?.perCore.push(count / (cpu() - cpuBefore));
  await fleet.stop();
  return { lost: kicks + failures, count };
}
