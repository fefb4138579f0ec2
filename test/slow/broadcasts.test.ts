/** What a broadcast costs the server, and a device that connects with many of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { openDevice } from '../../src/client/device.js';
import { type ClientStorage, createMemoryStorage } from '../../src/client/storage.js';
import { createCatalogueView, updateCatalogue } from '../../src/core/catalogue.js';
import { type Delivery, send } from '../../src/core/delivery.js';
import type { DeviceRecord } from '../../src/core/model.js';
import type { Store } from '../../src/core/ports.js';
import { PUSH_BIZ, pushConfigs } from '../../src/core/push-streams.js';
import { openEmbeddedStore } from '../../src/store/embedded/index.js';
import { encodeOplogBody } from '../../src/wire/frames.js';
import { startAll } from '../openapi/whole-server.js';
import { until } from '../push/rig.js';

const INSTANCE = 'default_demo';
const DEVICES = 1_000_000;
const AT_ONCE = 20_000;
const LIVE = 1000;

const open = (path: string): Promise<Store> =>
  openEmbeddedStore({
    path,
    commitTimeoutMs: 60_000,
    isSingleReader: () => false,
    onCorrupt: () => {},
    onFatal: () => {},
  });

async function seedDevices(store: Store, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += AT_ONCE) {
    const records = Array.from({ length: Math.min(AT_ONCE, to - first) }, (_, at): DeviceRecord => {
      const n = first + at;
      return {
        ...{ instance: INSTANCE, deviceId: `device-${n}`, adToken: n.toString(16).padStart(64, '0') },
        ...{ keyHash: new Uint8Array(32), os: 'android', appVersion: '1.0', model: 'm' },
        ...{ user: `user-${n}`, createdMs: 1, seenMs: 1 },
        bindings: [{ user: `user-${n}`, boundMs: 1, unboundMs: 0, by: 'link' }],
      };
    });
    await Promise.all(records.map((record) => store.saveDevice(record)));
  }
}

/** Median ms of one broadcast. */
async function costOf(delivery: Delivery, name: string): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 51; n++) {
    const startMs = performance.now();
    const { result } = await send(delivery, {
      ...{ instance: INSTANCE, biz: PUSH_BIZ.all, global: true, linkToken: '', thirdMsgId: `${name} ${n}` },
      ...{ payload: Buffer.alloc(300, 'x'), binary: false, os: 'android', audience: { boundSinceMs: 0 } },
    });
    if (result !== 'SUCCESS') throw new Error(result);
    times.push(performance.now() - startMs);
  }
  return times.sort((a, b) => a - b)[25] ?? 0;
}

t.test('a broadcast to a million known devices costs what one to a thousand does', async (t) => {
  const path = await mkdtemp(join(tmpdir(), 'longlink-million-'));
  t.teardown(() => rm(path, { recursive: true }));
  const store = await open(path);
  const view = createCatalogueView();
  const nowMs = Date.now();
  const configs = pushConfigs(INSTANCE, [PUSH_BIZ.all], 0, nowMs);
  const instance = {
    key: INSTANCE,
    workspaceId: 'default',
    appId: 'demo',
    signature: false,
    createdMs: nowMs,
  };
  const rest = { signaturePublicKey: '', validateUrl: '', validateOperation: '' };
  updateCatalogue(view, { version: 1, instances: [{ ...instance, ...rest }], configs });
  const delivery: Delivery = {
    ...{ store, catalogue: view, encodeBody: encodeOplogBody, lastTransientId: 0 },
    ...{ now: () => ({ wall: Date.now(), mono: performance.now() }), random: Math.random },
    ...{ wake: () => 0, isOnline: () => false, hardCapPerStream: 100_000, traceSampleRate: 0 },
  };
  await seedDevices(store, 0, 1000);
  const few = await costOf(delivery, 'few');
  await seedDevices(store, 1000, DEVICES);
  t.ok(await store.device(INSTANCE, { deviceId: `device-${DEVICES - 1}` }), 'they are known');
  globalThis.gc?.();
  const before = process.memoryUsage();
  const many = await costOf(delivery, 'many');
  const after = process.memoryUsage();
  const grownMib = Math.round((after.rss - before.rss) / 2 ** 20);
  t.comment(`one broadcast: ${few.toFixed(1)} ms with 1,000 devices, ${many.toFixed(1)} ms with ${DEVICES}`);
  t.comment(`51 broadcasts: ${grownMib} MiB more resident`);
  // A scan would be a thousand times as much; a commit on a busy disk varies by a few ms.
  t.ok(many < few * 4 + 20, `${many} ms after ${few} ms`);
  t.ok(grownMib < 64, `${grownMib} MiB`);
  const page = await store.readAfter({ instance: INSTANCE, kind: 'g', owner: '', biz: PUSH_BIZ.all }, 0, {
    records: 1000,
    bytes: 1_000_000,
  });
  t.equal(page.oplogs.length, 102, 'one record each, whatever the number of devices');
  await store.close();
});

t.test('connecting with a thousand live broadcasts costs what is written down', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'longlink-live-'));
  t.teardown(() => rm(dataDir, { recursive: true }));
  let all = await startAll(dataDir);
  await all.server.stop();
  const store = await open(dataDir);
  const nowMs = Date.now();
  const slot = Number(await store.doc('slots', INSTANCE));
  const configs = pushConfigs(INSTANCE, Object.values(PUSH_BIZ), slot, nowMs);
  await store.saveDocs([
    ...configs.map((value) => ({ collection: 'configs', key: `${INSTANCE}/${value.biz}`, value })),
    { collection: 'slots', key: INSTANCE, value: slot + configs.length },
  ]);
  const stream = { instance: INSTANCE, kind: 'g', owner: '', biz: PUSH_BIZ.all } as const;
  const payload = Buffer.alloc(300, 'x');
  const append = async (from: number, to: number): Promise<void> => {
    const requests = Array.from({ length: to - from }, (_, at) => {
      const thirdMsgId = `b${from + at}`;
      const body = encodeOplogBody({ payload, binary: false, thirdMsgId, acceptedMs: nowMs });
      return {
        ...{ stream, thirdMsgId, acceptedMs: nowMs, expiresMs: nowMs + 86_400_000, notBeforeMs: 0 },
        ...{ filter: { os: 'android' }, traced: false, resendOf: 0, keepNewest: 0, body },
      };
    });
    await store.append(requests);
  };
  await append(0, LIVE);
  await store.close();
  all = await startAll(dataDir);
  t.teardown(() => all.server.stop());

  const storage = createMemoryStorage();
  const first = await connect(all.portOf('tcp'), storage, 'android', LIVE);
  t.comment(`a new device: ${first.syncs} Syncs, ${first.inFlight} records in flight, ${first.ms} ms`);
  t.equal(first.received, LIVE);
  t.ok(first.syncs <= Math.ceil(LIVE / 16) + 5, `${first.syncs} Syncs`);
  t.ok(first.inFlight <= 64, `${first.inFlight} records in flight`);
  const again = await connect(all.portOf('tcp'), storage, 'android', 0);
  t.match(again, { received: 0, syncs: 0 }, 'one that has them reads the head, and nothing else');
  const other = await connect(all.portOf('tcp'), createMemoryStorage(), 'ios', 0, 62);
  t.comment(`one they are not for: ${other.syncs} empty Syncs, ${other.ms} ms`);
  t.equal(other.received, 0);
  t.ok(other.syncs <= Math.ceil(LIVE / 16) + 5, 'they are passed over a page at a time');
});

/** Connects until so many records, and Syncs, have come. */
async function connect(port: number, storage: ClientStorage, os: string, records: number, syncs = 0) {
  const seen = { received: 0, syncs: 0, inFlight: 0, ms: 0 };
  const sent: number[] = [];
  let isConnected = false;
  const startMs = performance.now();
  const device = await openDevice({
    endpoint: { host: '127.0.0.1', port, tls: null },
    ...{ workspaceId: 'default', appId: 'demo', os, appVersion: '1.0', storage },
    handlers: {
      message: (message) => device.report(message),
      command() {},
      state: (state) => {
        isConnected ||= state === 'connected';
      },
      error() {},
    },
    tap(direction, frame) {
      if (direction === 'in' && frame.type === 'sync') {
        seen.syncs += 1;
        seen.received += frame.oplogs.length;
        seen.ms = Math.round(performance.now() - startMs);
        for (const { id } of frame.oplogs) sent.push(id);
        seen.inFlight = Math.max(seen.inFlight, sent.length);
      } else if (direction === 'out' && frame.type === 'ack') {
        while ((sent[0] ?? Number.POSITIVE_INFINITY) <= frame.through) sent.shift();
      }
    },
  });
  device.register(PUSH_BIZ.all);
  device.connect();
  await until(() => isConnected && seen.received >= records && seen.syncs >= syncs, 60_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  await device.close();
  return seen;
}
