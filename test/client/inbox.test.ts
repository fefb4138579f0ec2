/** The inbox against a model server, with chance: losses, retransmissions, reports in any order, crashes. */
import t from 'tap';
import type { Ack } from '../../src/client/acks.js';
import { createInbox, type Inbox } from '../../src/client/inbox.js';
import type { SyncMessage } from '../../src/client/message.js';
import { createMemoryStorage } from '../../src/client/storage.js';
import type { ReceivedSync } from '../../src/wire/frames.js';

const SEEDS = 300;
const RECORDS = 60;
/** Steps with reconnects and crashes: after them it must come to an end without their help. */
const TROUBLE = 120;

/** mulberry32: small, and the same everywhere. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), 1 | state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One stream at the server; every third record is passed over, as if a filter did not match. */
interface ModelServer {
  acked: number;
  sent: number;
  /** Of this connection; a retransmission takes `sent` back. */
  maxSent: number;
}

function batchOf(from: number, size: number): ReceivedSync {
  const through = Math.min(from + size, RECORDS);
  const oplogs: ReceivedSync['oplogs'][number][] = [];
  for (let id = from + 1; id <= through; id += 1) {
    if (id % 3 !== 0)
      oplogs.push({ id, payload: Buffer.from(`p${id}`), binary: false, thirdMsgId: '', acceptedMs: 0 });
  }
  const fixed = { transient: false, late: false, serverPoint: false, bindSeq: 1 } as const;
  return { type: 'sync', kind: 'd', biz: 'biz', from, through, oplogs, ...fixed };
}

interface Life {
  readonly firsts: number[];
  readonly reported: Set<number>;
  readonly violations: string[];
}

async function run(seed: number): Promise<Life> {
  const random = randomOf(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const storage = createMemoryStorage();
  const server: ModelServer = { acked: 0, sent: 0, maxSent: 0 };
  const life: Life = { firsts: [], reported: new Set(), violations: [] };
  let open: SyncMessage[] = [];

  async function boot(): Promise<Inbox> {
    open = [];
    // A process that died neither acknowledges nor hands over any more.
    const mine = {};
    current = mine;
    const inbox = createInbox(
      {
        storage,
        deviceId: 'd',
        maxStoredBytes: 1 << 20,
        failed: (error) => life.violations.push(error.message),
        handOver(message) {
          if (current !== mine) return;
          const { oplogId } = message;
          if (life.reported.has(oplogId)) life.violations.push(`${oplogId} again after its report`);
          if (!life.firsts.includes(oplogId)) life.firsts.push(oplogId);
          if (!open.some((other) => other.oplogId === oplogId)) open.push(message);
        },
        sendAck(ack: Ack) {
          if (current !== mine) return;
          for (let id = server.acked + 1; id <= ack.through; id += 1) {
            if (id % 3 !== 0 && !life.reported.has(id)) life.violations.push(`${id} acknowledged unreported`);
          }
          // Clause 5.5: no more than this connection was sent.
          server.acked = Math.max(server.acked, Math.min(ack.through, server.maxSent));
        },
      },
      await storage.load(),
    );
    inbox.register('biz');
    return inbox;
  }

  function connect(inbox: Inbox): void {
    inbox.disconnected();
    const [named] = inbox.points('all');
    server.acked = named?.point ?? 0;
    server.sent = server.acked;
    server.maxSent = server.acked;
    inbox.connected();
  }

  let current: object = {};
  let inbox = await boot();
  connect(inbox);
  for (let step = 0; server.acked < RECORDS && step < 5_000; step += 1) {
    const dice = random();
    if (dice < 0.4 && server.sent < RECORDS) {
      const sync = batchOf(server.sent, 1 + below(8));
      server.sent = sync.through;
      server.maxSent = Math.max(server.maxSent, server.sent);
      // A batch that is lost on the way makes the next one begin behind a gap.
      if (random() > 0.15) await inbox.accept(sync);
    } else if (dice < 0.5) {
      server.sent = server.acked;
    } else if (dice < 0.9) {
      const [message] = open.splice(below(open.length), 1);
      if (message !== undefined) {
        life.reported.add(message.oplogId);
        inbox.report(message);
      }
    } else if (dice < 0.93 && step < TROUBLE) {
      connect(inbox);
    } else if (dice < 0.95 && step < TROUBLE) {
      inbox = await boot();
      connect(inbox);
    }
    await tick();
    inbox.flushAcks();
  }
  if (server.acked < RECORDS) life.violations.push(`stuck at ${server.acked}`);
  return life;
}

t.test(
  'whatever happens, messages come in order, all of them, and acks never run ahead of reports',
  async (t) => {
    const expected = Array.from({ length: RECORDS }, (_, i) => i + 1).filter((id) => id % 3 !== 0);
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const life = await run(seed);
      if (life.violations.length > 0) t.fail(`seed ${seed}: ${life.violations.join('; ')}`);
      t.same(life.firsts, expected, `seed ${seed}`);
      t.equal(life.reported.size, expected.length);
      if (!t.passing()) return;
    }
  },
);
