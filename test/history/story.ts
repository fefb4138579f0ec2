/** Tells histories by hand, for tests of the checker: a clock that goes on by itself, and short words. */
import type { CallResult, ConfigEvent, HistoryEvent, SendEvent, Untimed } from './events.js';

export interface Story {
  readonly events: HistoryEvent[];
  /** Time of the last event, ms. */
  now(): number;
  wait(ms: number): void;
  write(event: Untimed<HistoryEvent>): void;
  cfg(biz: string, changes?: Partial<ConfigEvent>): void;
  conn(c: string, dev: string, user: string | null, changes?: ConnectChanges): void;
  /** A call and its answer; `null` for none. The payload's hash is `h` and the message's name. */
  send(biz: string, to: string | null, msg: string, result?: CallResult | null, changes?: SendChanges): void;
  recv(c: string, biz: string, msg: string, op: number | null, h?: string): void;
  ack(c: string, biz: string, msg: string): void;
  /** Receives and acknowledges. */
  take(c: string, biz: string, msg: string, op: number | null): void;
  /** Waits for the drain time and ends. */
  end(): HistoryEvent[];
}

interface ConnectChanges {
  readonly app?: string;
  readonly ws?: string;
  readonly os?: string;
  readonly ver?: string;
  readonly sp?: Readonly<Record<string, number>>;
}

type SendChanges = Partial<Omit<SendEvent, 'e' | 't' | 'id' | 'biz' | 'to' | 'msg'>>;

const START_MS = 1_000_000;
const STEP_MS = 10;
const DRAIN_MS = 3_000;

const CONFIG = {
  app: 'app',
  ws: 'ws',
  kind: 'sync',
  dim: 'user',
  scope: 'single',
  persist: true,
  multi: true,
  threshold: null,
  maxAttempts: 6,
  ordered: true,
  liveGlobal: false,
} as const;

export function tellStory(): Story {
  const events: HistoryEvent[] = [];
  let t = START_MS;
  let calls = 0;
  const story: Story = {
    events,
    now: () => t,
    wait(ms) {
      t += ms;
    },
    write(event) {
      t += STEP_MS;
      events.push({ t, ...event } as HistoryEvent);
    },
    cfg(biz, changes = {}) {
      story.write({ e: 'cfg', biz, ...CONFIG, ...changes });
    },
    conn(c, dev, user, changes = {}) {
      story.write({
        e: 'conn',
        c,
        dev,
        user,
        app: 'app',
        ws: 'ws',
        os: 'android',
        ver: '1.0',
        sp: {},
        ...changes,
      });
    },
    send(biz, to, msg, result = 'ok', changes = {}) {
      calls += 1;
      const id = `call-${calls}`;
      const open = { vs: null, ve: null, os: null, min: null, max: null };
      story.write({ e: 'send', id, app: 'app', ws: 'ws', biz, to, msg, h: `h-${msg}`, ...open, ...changes });
      if (result !== null) story.write({ e: 'ret', id, r: result });
    },
    recv(c, biz, msg, op, h = `h-${msg}`) {
      story.write({ e: 'recv', c, biz, msg, h, op });
    },
    ack(c, biz, msg) {
      story.write({ e: 'ack', c, biz, msg });
    },
    take(c, biz, msg, op) {
      story.recv(c, biz, msg, op);
      story.ack(c, biz, msg);
    },
    end() {
      t += DRAIN_MS;
      story.write({ e: 'end' });
      return events;
    },
  };
  return story;
}
