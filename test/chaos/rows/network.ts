/** Links that break, lose, or fall silent; certificates that change under them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { generate } from 'selfsigned';
import { until } from '../../faults/cluster.js';
import { openProxy } from '../../faults/proxy.js';
import { filterPorts, resetConnections } from '../cut.js';
import { missing } from '../needs.js';
import { type Row, type Run, STORES } from '../row.js';

const FAR_DEVICES = 8;
const FAR_HEARTBEAT_SEC = 1;
/** One and a half heartbeats, and what the server's wheel and this test need to notice. */
const HELD_AT_MOST_MS = FAR_HEARTBEAT_SEC * 1_500 + 1_000;

interface FarLink {
  readonly port: number;
  cut(): void;
  heal(): void;
}

/** A way to the server that can fall silent: by packet filter where we may, else through a proxy. */
async function openFarLink(run: Run): Promise<FarLink> {
  const { tcp } = run.cluster.ports;
  if (missing(['root', 'nft']).length === 0) {
    const filter = filterPorts([tcp]);
    return { port: tcp, cut: filter.cut, heal: filter.heal };
  }
  const proxy = await openProxy(() => tcp);
  return { port: proxy.port, cut: proxy.freeze, heal: proxy.thaw };
}

/** Live sessions of the devices whose names begin so, as the server has them. */
async function sessionsOf(run: Run, names: readonly string[]): Promise<number> {
  const counts = await Promise.all(
    names.map(async (dev) => {
      const answer = await run.cluster.admin('GET', `/v1/instances/test_faults/devices/${dev}`);
      return (JSON.parse(answer.body) as { readonly sessions?: readonly unknown[] }).sessions?.length ?? 0;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

export const halfOpen: Row = {
  name: 'half-open',
  group: 'network',
  stores: STORES,
  needs: [],
  what: 'links go silent in both directions, and nobody is told; again and again',
  holds: 'the server gives them up within one and a half heartbeats; no attempt is counted for the silence',
  plant: { bug: 'no-heartbeat', seen: /^HALF_OPEN/m },
  // The product's own attempt rules: a black hole must not use them up.
  cluster: { config: { delivery: { attemptBackoffMs: [0, 60_000, 300_000], ackTimeoutMs: 300 } } },
  async arm(run) {
    const { trial, complain } = run;
    const link = await openFarLink(run);
    const names = Array.from({ length: FAR_DEVICES }, (_, index) => `far${index}`);
    const far = names.map((dev, index) =>
      trial.addDevice({
        ...{ dev, user: `u${index}`, heartbeatSec: FAR_HEARTBEAT_SEC, retryMs: 100, tls: false },
        port: () => link.port,
      }),
    );
    for (const device of far) device.start();
    await trial.allConnected();
    let rounds = 0;
    let cutAtMs = 0;
    return {
      async inject() {
        rounds += 1;
        link.cut();
        cutAtMs = performance.now();
        await Promise.all(far.map((_, index) => trial.send('news', `u${index}`, `far-${rounds}-${index}`)));
      },
      lastsMs: 0,
      async heal() {
        await until('the server gives up', HELD_AT_MOST_MS + 3_000, async () => {
          return (await sessionsOf(run, names)) === 0;
        }).catch(() => undefined);
        const heldMs = Math.round(performance.now() - cutAtMs);
        if (heldMs > HELD_AT_MOST_MS) complain(`HALF_OPEN dead links were held ${heldMs} ms`);
        for (const device of far) device.drop();
        link.heal();
        await trial.allConnected();
      },
    };
  },
};

export const resets: Row = {
  name: 'resets',
  group: 'network',
  stores: STORES,
  needs: ['root', 'ss'],
  what: 'all connections of devices are reset at once',
  holds: 'the devices come back, and what was not acknowledged is sent again',
  plant: { bug: 'skip-backlog', seen: /^LOST/m },
  // No server is new after this: the devices that were cut have been there before.
  arm({ cluster }) {
    return { inject: () => resetConnections(cluster.ports.tls), lastsMs: 200, heal: () => undefined };
  },
};

export const lossyLinks: Row = {
  name: 'lossy-links',
  group: 'network',
  stores: STORES,
  needs: ['root', 'nft', 'ss'],
  what: '30 of 100 packets between devices and server are lost for 5 s, then the connections are reset',
  holds: 'all arrives, in order; what was on its way counts as acknowledged to nobody',
  plant: { bug: 'trust-window', seen: /^(LOST|GAP)/m },
  // An ack may need several of TCP's own attempts.
  check: { maxLatencyMs: 20_000, graceMs: 6_000 },
  world: { users: 10, callers: 24, pauseMs: 5, heartbeatSec: 15, retryMs: 1_000, pushes: false },
  arm({ cluster }) {
    const filter = filterPorts([cluster.ports.tls]);
    return {
      inject: () => filter.lose(30),
      lastsMs: 5_000,
      heal() {
        filter.cut();
        resetConnections(cluster.ports.tls);
        filter.heal();
      },
    };
  },
};

/** Serial number of the certificate that a new connection is shown. */
export function shownSerial(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

/** Puts a new certificate and its key where the server looks for them. */
export async function writePair(dataDir: string): Promise<void> {
  const pair = await generate([{ name: 'commonName', value: 'faults' }], { keyType: 'ec' });
  writeFileSync(join(dataDir, 'tls', 'key.pem'), pair.private);
  writeFileSync(join(dataDir, 'tls', 'cert.pem'), pair.cert);
}

const BROKEN = '-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n';

export const certificates: Row = {
  name: 'certificates',
  group: 'network',
  stores: STORES,
  needs: [],
  what: 'the certificate is replaced under load, then by a broken one, then by a good one',
  holds: 'a new one is shown within 5 s, a broken one never; nobody is disconnected',
  plant: { bug: 'never-reload', seen: /^OLD_CERTIFICATE/m },
  arm(run) {
    const { cluster, trial, complain } = run;
    const { tls } = cluster.ports;
    let late = 0;
    return {
      async inject() {
        const old = await shownSerial(tls);
        await writePair(cluster.dataDir);
        const shown = until('the new certificate', 5_000, async () => (await shownSerial(tls)) !== old);
        await shown.catch(() => complain('OLD_CERTIFICATE after 5 s'));
        // Workers look at the files by themselves: the last one a little after the first.
        await sleep(2_500);
        const current = await shownSerial(tls);
        writeFileSync(join(cluster.dataDir, 'tls', 'cert.pem'), BROKEN);
        await sleep(3_000);
        const serials = await Promise.all([1, 2, 3, 4].map(() => shownSerial(tls).catch(() => 'none')));
        if (serials.some((serial) => serial !== current)) complain(`BROKEN_CERTIFICATE in use: ${serials}`);
        late += 1;
        trial.addDevice({ dev: `late${late}`, user: 'u0' }).start();
        await trial.allConnected();
      },
      lastsMs: 0,
      heal: () => writePair(cluster.dataDir),
      finish() {
        const dropped = trial.devices.filter((device) => device.tally.connects !== 1).length;
        if (dropped > 0) complain(`SESSIONS ${dropped} devices lost their connections`);
      },
    };
  },
};

export const NETWORK: readonly Row[] = [halfOpen, resets, lossyLinks, certificates];
