/** What an idle device costs, side by side: the first fifth is left out of every entrant's growth. */
import { setTimeout as sleep } from 'node:timers/promises';
import { residentParts } from '../machine.js';
import { weigh } from '../memory.js';
import { type Peer, type StartPeer, startAedes, startBare, startLonglink } from '../peers/peer.js';
import { addWrong, type Figure, less, NOTHING_WRONG, type Wrong } from '../report/result.js';
import { type Run, verify } from '../run.js';
import { arrived, POLITE_PER_SECOND } from './common.js';
import type { Scenario } from './scenario.js';

const WARM_UP_SHARE = 0.2;
/** Messages under way. */
const AHEAD = 1_000_000;
/** What every TLS device sends once, in one frame: just below the longest that the server takes. */
const BURST_BYTES = 60_000;
const BURSTS_PER_SECOND = 500;
const BURST_SETTLE_MS = 2_000;

interface Held {
  readonly name: string;
  readonly rss: number;
  readonly own: number;
  readonly afterBurst: number | null;
}

export const idle: Scenario = {
  about: 'memory of an idle device beside the bare platform and Aedes; TLS also after a burst of 60 KB',
  defaults: { devices: 5_000, payloadBytes: 300 },
  small: { devices: 200 },
  async run(run) {
    const starters: StartPeer[] = [(one) => startLonglink(one), startBare];
    if (!run.options.tls) starters.push(startAedes);
    const all: Held[] = [];
    let wrong: Wrong = NOTHING_WRONG;
    let checked = 0;
    for (const start of starters) {
      const peer = await start(run);
      if (peer === null) continue;
      const found = await hold(run, peer);
      all.push(found.held);
      wrong = addWrong(wrong, found.wrong);
      checked += found.checked;
    }
    return { wrong, checked, figures: figuresOf(all), series: [] };
  },
};

async function hold(run: Run, peer: Peer): Promise<{ held: Held; wrong: Wrong; checked: number }> {
  const { tls, devices } = run.options;
  const ports = { tls: peer.port, tcp: peer.port, api: 0, admin: 0 };
  const warm = Math.ceil(devices * WARM_UP_SHARE);
  const rest = devices - warm;
  const open = async (count: number, firstDevice: number) => {
    const changes = { protocol: peer.protocol, rules: { tls, port: peer.port } };
    const fleet = await run.fleet({ ports }, { ...changes, devices: count, firstDevice });
    await fleet.open(POLITE_PER_SECOND, 300_000);
    return fleet;
  };
  run.progress(`${peer.name}: connecting`);
  const first = await open(warm, 0);
  const base = await weighAll(peer);
  const second = await open(rest, warm);
  const before = (await second.refresh()).received;
  await peer.sender.send(devices, AHEAD);
  await arrived(run, second, before, rest);
  await first.until(`${warm} messages`, 30_000, ({ received }) => received >= warm);
  const full = await weighAll(peer);
  let afterBurst: number | null = null;
  if (tls) {
    const [perSecond, bytes] = [BURSTS_PER_SECOND, BURST_BYTES];
    await second.burst(bytes, perSecond);
    await sleep(BURST_SETTLE_MS);
    afterBurst = ((await weighAll(peer)).rss - base.rss) / rest;
  }
  const wrong = await verify(second, peer.sender);
  const { online, received } = await second.refresh();
  await first.close();
  await second.close();
  const each = (name: 'rss' | 'own'): number => (full[name] - base[name]) / rest;
  return {
    held: { name: peer.name, rss: each('rss'), own: each('own'), afterBurst },
    wrong: { ...wrong, lost: wrong.lost + (rest - online) },
    checked: received,
  };
}

/** `own` leaves out pages of files: the store that a process has mapped is shared, and the kernel's to take back. */
async function weighAll(peer: Peer): Promise<{ readonly rss: number; readonly own: number }> {
  if (peer.heapDir !== null) await weigh(peer.heapDir, peer.holders);
  let rss = 0;
  let own = 0;
  for (const pid of peer.holders) {
    const parts = residentParts(pid);
    rss += parts.anonymous + parts.file;
    own += parts.anonymous;
  }
  return { rss, own };
}

function figuresOf(all: readonly Held[]): Figure[] {
  const own = all.flatMap(({ name, rss, own, afterBurst }) => [
    less(`${name}: RSS per device`, rss / 1024, 'KiB'),
    less(`${name}: RSS per device without mapped files`, own / 1024, 'KiB'),
    ...(afterBurst === null ? [] : [less(`${name}: RSS per device after a burst`, afterBurst / 1024, 'KiB')]),
  ]);
  const [ours, ...others] = all;
  if (ours === undefined) return own;
  const ratios = others.flatMap(({ name, rss, own, afterBurst }) => [
    less(`RSS per device, of that of ${name}`, ours.rss / rss, 'times'),
    less(`RSS per device without mapped files, of that of ${name}`, ours.own / own, 'times'),
    ...(afterBurst === null || ours.afterBurst === null
      ? []
      : [less(`RSS per device after a burst, of that of ${name}`, ours.afterBurst / afterBurst, 'times')]),
  ]);
  return [...own, ...ratios];
}
