import t from 'tap';
import type { ToWorker } from '../../src/bus/messages.js';
import type { ControlBus, WorkerAnswer } from '../../src/bus/port.js';
import { createCatalogueView, updateCatalogue } from '../../src/core/catalogue.js';
import { CloseCode } from '../../src/core/codes.js';
import type { SyncConfig } from '../../src/core/model.js';
import type { AttachRequest, ProgressBatch, Store, Wake } from '../../src/core/ports.js';
import { type ControlRoutes, createRoutes } from '../../src/processes/control-routes.js';
import { createWriter } from '../../src/processes/control-writer.js';

const INSTANCE = 'default_demo';

interface Rig {
  readonly routes: ControlRoutes;
  /** Everything said to workers, as [worker, message]. */
  readonly said: [number, Partial<ToWorker>][];
  /** Open fences, answered by calling them. */
  readonly fences: ((reply: WorkerAnswer | null) => void)[];
  /** Runs held back until progress is durable, while `holding`. */
  readonly held: (() => void)[];
  holding: boolean;
  readonly outcomes: boolean[];
  readonly users: string[];
}

function rig(settleMs = 0): Rig {
  const said: Rig['said'] = [];
  const fences: Rig['fences'] = [];
  const held: Rig['held'] = [];
  const outcomes: boolean[] = [];
  const users: string[] = [];
  const bus: ControlBus = {
    send: (worker, message) => said.push([worker, message]),
    ask(worker, question, _timeoutMs, answer) {
      said.push([worker, question as Partial<ToWorker>]);
      fences.push(answer);
    },
    workers: () => [1, 2],
    stats: () => ({ droppedWakes: 0, overflows: 0, sent: 0, received: 0, queued: 0 }),
    close: () => Promise.resolve(),
  };
  const view = createCatalogueView();
  const base = {
    instance: INSTANCE,
    description: '',
    retentionMs: 1000,
    threshold: null,
    userConsistency: false,
  };
  const config = {
    ...base,
    scope: 'specified',
    object: 'user',
    persisted: true,
    deliver: 'foreground',
    signature: 'inherit',
    online: true,
    createdMs: 0,
    changedMs: 0,
  } as const;
  const configs: SyncConfig[] = [
    { ...config, biz: 'MULTI', slot: 0, multiDevice: true },
    { ...config, biz: 'SINGLE', slot: 1, multiDevice: false },
  ];
  const instance = {
    key: INSTANCE,
    workspaceId: 'default',
    appId: 'demo',
    signature: false,
    signaturePublicKey: '',
    validateUrl: '',
    validateOperation: '',
    createdMs: 0,
  };
  updateCatalogue(view, { version: 1, instances: [instance], configs });
  const made = { said, fences, held, outcomes, users, holding: false };
  const routes = createRoutes({
    cluster: null,
    settleMs,
    bus: () => bus,
    catalogue: view,
    now: () => ({ wall: 1_800_000_000_000, mono: 0 }),
    afterWrites: (run) => {
      if (made.holding) held.push(run);
      else run();
    },
    fenceTimeoutMs: 1000,
    handoverGraceMs: 50,
    onFence: (confirmed) => outcomes.push(confirmed),
    onUser: ({ user, deviceId }) => users.push(`${user}@${deviceId}`),
  });
  return Object.assign(made, { routes });
}

function request(session: number, deviceId: string, user = '', epoch = 0): AttachRequest {
  return {
    session,
    epoch,
    instance: INSTANCE,
    deviceId,
    adToken: `token-${deviceId}`,
    user,
    bindSeq: 1,
    foreground: true,
    os: 'ios',
    appVersion: '1',
    address: '127.0.0.1',
    connectedMs: 0,
  };
}

function wake(kind: 'u' | 'd' | 't' | 'g', owner: string, biz = 'MULTI'): Wake {
  return { stream: { instance: INSTANCE, kind, owner, biz }, id: 5, prev: 4, oplog: null, transient: false };
}

/** Types of what was said, with the worker before each. */
function types(said: Rig['said']): string[] {
  return said.map(([worker, message]) => `${worker} ${message.type}`);
}

t.test('a second connection of a device is welcome only when the first is fenced', (t) => {
  const r = rig();
  r.routes.onMessage(1, { type: 'attach', seq: 1, request: request(11, 'd1') });
  t.same(types(r.said), ['1 attached']);
  r.routes.onMessage(2, { type: 'attach', seq: 9, request: request(21, 'd1') });
  t.match(r.said.at(-1), [1, { type: 'fence', session: 11, code: CloseCode.REPLACED }]);
  r.fences[0]?.({ type: 'fenced', seq: 1 });
  t.match(r.said.at(-1), [2, { type: 'attached', seq: 9, refused: 0 }]);
  t.same(r.outcomes, [true]);
  t.end();
});

t.test('a fence that nobody answers does not keep the new connection out', (t) => {
  const r = rig();
  r.routes.onMessage(1, { type: 'attach', seq: 1, request: request(11, 'd1') });
  r.routes.onMessage(2, { type: 'attach', seq: 9, request: request(21, 'd1') });
  r.fences[0]?.(null);
  t.match(r.said.at(-1), [2, { type: 'attached', seq: 9, refused: 0 }]);
  t.same(r.outcomes, [false]);
  t.end();
});

t.test('a session announced anew after a newer one is told that it is stale', (t) => {
  const r = rig();
  r.routes.onMessage(1, { type: 'attach', seq: 1, request: request(11, 'd1') });
  const epoch = r.routes.table.lastEpoch;
  r.routes.onMessage(2, { type: 'attach', seq: 2, request: request(21, 'd1', '', epoch - 1) });
  t.match(r.said.at(-1), [2, { type: 'attached', seq: 2, refused: CloseCode.STALE }]);
  t.end();
});

t.test('epochs lie above those of every life of the process before', (t) => {
  const r = rig();
  r.routes.onMessage(1, { type: 'attach', seq: 1, request: request(11, 'd1') });
  t.ok(r.routes.table.lastEpoch > 1_800_000_000_000_000);
  t.end();
});

t.test('a hand-over waits until the progress of the session before is durable (rule 15)', (t) => {
  const r = rig();
  r.routes.onMessage(1, { type: 'attach', seq: 1, request: request(11, 'd1', 'ann') });
  r.routes.onMessage(2, { type: 'attach', seq: 2, request: request(21, 'd2', 'ann') });
  t.match(r.said.slice(-1), [[1, { type: 'feeder', session: 11, on: false }]]);
  const [, off] = r.said.at(-1) ?? [];
  r.holding = true;
  const grant = off?.type === 'feeder' ? (off.grant ?? 0) : 0;
  r.routes.onMessage(1, { type: 'released', session: 11, grant });
  t.not(r.said.at(-1)?.[0], 2, 'not before');
  for (const run of r.held) run();
  t.match(r.said.at(-1), [2, { type: 'feeder', session: 21, on: true }]);
  r.routes.close();
  t.end();
});

t.test('what waited for a fence and was overtaken by a hand-over makes no second feeder', (t) => {
  const r = rig();
  r.routes.onMessage(1, { type: 'attach', seq: 1, request: request(11, 'd1', 'ann') });
  r.routes.onMessage(2, { type: 'attach', seq: 2, request: request(21, 'd1', 'ann') });
  r.routes.onMessage(1, { type: 'attach', seq: 3, request: request(12, 'd2', 'ann') });
  const [, off] = r.said.at(-1) ?? [];
  t.match(off, { type: 'feeder', session: 21, on: false });
  r.routes.onMessage(2, {
    type: 'released',
    session: 21,
    grant: off?.type === 'feeder' ? (off.grant ?? 0) : 0,
  });
  t.match(r.said.at(-1), [1, { type: 'feeder', session: 12, on: true }]);
  r.fences[0]?.(null);
  t.match(
    r.said.at(-1),
    [2, { type: 'attached', seq: 2, refused: 0 }],
    'its session begins, and does not feed',
  );
  r.routes.close();
  t.end();
});

t.test(
  'after a lost control nobody feeds before all had time to come back, and then the newest',
  async (t) => {
    const r = rig(40);
    const feeders = () => r.said.filter(([, message]) => message.type === 'feeder');
    // The first that came back was named, and read cursors without what the user's newest device had acknowledged.
    r.routes.onMessage(1, { type: 'attach', seq: 1, request: request(11, 'd1', 'ann', 1_000) });
    r.routes.onMessage(2, { type: 'attach', seq: 2, request: request(21, 'd2', 'ann', 2_000) });
    t.same(feeders(), []);
    r.holding = true;
    await new Promise((resolve) => setTimeout(resolve, 80));
    t.same(feeders(), [], 'not before what they handed over is durable');
    for (const run of r.held) run();
    t.match(feeders(), [[2, { type: 'feeder', session: 21, on: true }]]);
    r.routes.onMessage(1, { type: 'attach', seq: 3, request: request(12, 'd3', 'bob') });
    t.match(feeders().at(-1), [1, { type: 'feeder', session: 12, on: true }], 'from then on at once');
    r.routes.close();
  },
);

t.test('a detach waits for the progress sent before it, and the next newest session begins', (t) => {
  const r = rig();
  r.routes.onMessage(1, { type: 'attach', seq: 1, request: request(11, 'd1', 'ann') });
  r.holding = true;
  r.routes.onMessage(1, { type: 'detach', session: 11 });
  t.equal(r.routes.table.bySession.size, 1);
  for (const run of r.held) run();
  t.equal(r.routes.table.bySession.size, 0);
  t.end();
});

t.test('a feeder that does not let go is passed over after its grace', async (t) => {
  const r = rig();
  r.routes.onMessage(1, { type: 'attach', seq: 1, request: request(11, 'd1', 'ann') });
  r.routes.onMessage(2, { type: 'attach', seq: 2, request: request(21, 'd2', 'ann') });
  await new Promise((resolve) => setTimeout(resolve, 1200));
  t.match(r.said.at(-1), [2, { type: 'feeder', session: 21, on: true }]);
  r.routes.close();
});

t.test('wakes go to the sessions of the owner, of single-device data to the feeder alone', (t) => {
  const r = rig();
  r.routes.onMessage(1, { type: 'attach', seq: 1, request: request(11, 'd1', 'ann') });
  r.routes.onMessage(1, { type: 'attach', seq: 2, request: request(12, 'd2', 'bob') });
  r.routes.onMessage(2, { type: 'attach', seq: 3, request: request(21, 'd3', 'bob') });
  t.same(r.users, ['ann@d1', 'bob@d2', 'bob@d3']);
  const told = (hint: Wake): [number, unknown][] => {
    const from = r.said.length;
    t.equal(r.routes.isOnline(hint.stream), r.routes.wake(hint, []) > 0);
    return r.said.slice(from).map(([worker, m]) => [worker, m.type === 'wake' ? m.sessions : m.type]);
  };
  t.same(told(wake('u', 'bob')), [
    [1, [12]],
    [2, [21]],
  ]);
  t.same(told(wake('d', 'd1')), [[1, [11]]]);
  t.same(told(wake('t', 'token-d3')), [[2, [21]]]);
  t.same(told(wake('u', 'nobody')), []);
  t.same(told(wake('g', '')), [
    [1, 'wakeAll'],
    [2, 'wakeAll'],
  ]);
  t.same(told(wake('u', 'ann', 'SINGLE')), [[1, [11]]]);
  t.same(told(wake('u', 'bob', 'SINGLE')), [], 'in a hand-over nobody: the next feeder reads the heads');
  r.routes.onLeave(2);
  t.same(told(wake('u', 'bob')), [[1, [12]]]);
  r.routes.close();
  t.end();
});

/** A store whose writes are settled by hand. */
function slowStore() {
  const writes: { batch: ProgressBatch; settle: (ok: boolean) => Promise<void> }[] = [];
  const saveProgress = (batch: ProgressBatch): Promise<void> =>
    new Promise((resolve, reject) => {
      writes.push({
        batch,
        async settle(ok) {
          if (ok) resolve();
          else reject(new Error('disk full'));
          await new Promise((done) => setImmediate(done));
        },
      });
    });
  return { writes, store: { saveProgress } as unknown as Store };
}

t.test('progress that comes during a write goes out as one write after it', async (t) => {
  const { writes, store } = slowStore();
  const answers: unknown[] = [];
  const after: string[] = [];
  const writer = createWriter({
    store,
    answer: (worker, { seq, ok }) => answers.push([worker, seq, ok]),
    onProgress() {},
    onFloorRaised() {},
    onError() {},
  });
  const dead = (id: number) => ({ cursors: [], dead: [{ id }], events: [] }) as unknown as ProgressBatch;
  writer.afterProgress(() => after.push('idle'));
  t.same(after, ['idle'], 'at once when nothing is under way');
  writer.onMessage(1, { type: 'progress', seq: 1, batch: dead(1) });
  writer.afterProgress(() => after.push('first'));
  writer.onMessage(1, { type: 'progress', seq: 2, batch: dead(2) });
  writer.onMessage(2, { type: 'progress', seq: 7, batch: dead(3) });
  writer.afterProgress(() => after.push('second'));
  t.equal(writes.length, 1);
  t.same(answers, []);
  await writes[0]?.settle(true);
  t.same(answers, [[1, 1, true]]);
  t.same(after, ['idle', 'first']);
  t.same(writes[1]?.batch.dead, [{ id: 2 }, { id: 3 }]);
  await writes[1]?.settle(false);
  t.same(answers.slice(1), [
    [1, 2, false],
    [2, 7, false],
  ]);
  t.same(after, ['idle', 'first', 'second'], 'a failed write ends the wait too');
});
