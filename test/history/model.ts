/**
 * A service that keeps every promise, in a page: plays users, devices and calls by a seed and writes
 * down what happened. The checker must find nothing in any of its histories.
 */
import type { CallResult, ConfigEvent, HistoryEvent } from './events.js';
import { type Story, tellStory } from './story.js';

interface Stored {
  readonly op: number;
  readonly msg: string;
  readonly biz: string;
  readonly min: string | null;
}

interface Reader {
  readonly dev: string;
  readonly user: string;
  readonly points: Map<string, number>;
  ver: string;
  c: string | null;
}

/** Mulberry32: small, seeded, good enough to play with. */
function randomBy(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x = (x + Math.imul(x ^ (x >>> 7), x | 61)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const CONFIGS: Readonly<Record<string, Partial<ConfigEvent>>> = {
  multi: {},
  single: { multi: false },
  device: { dim: 'device' },
  live: { persist: false },
  global: { dim: 'device', scope: 'global' },
  globalLive: { dim: 'device', scope: 'global', liveGlobal: true },
};

/** One run of the model. */
interface Play {
  readonly story: Story;
  readonly random: () => number;
  readonly streams: Map<string, Stored[]>;
  readonly userPoints: Map<string, number>;
  readonly readers: readonly Reader[];
  calls: number;
  connections: number;
}

function pick<T>(play: Play, from: readonly T[]): T {
  const found = from[Math.floor(play.random() * from.length)];
  if (found === undefined) throw new RangeError('nothing to pick from');
  return found;
}

function ownerFor(biz: string, reader: Reader): string | null {
  const config = CONFIGS[biz];
  if (config?.scope === 'global') return null;
  return config?.dim === 'device' ? reader.dev : reader.user;
}

function streamOf(biz: string, owner: string | null): string {
  return `${biz} ${owner ?? '*'}`;
}

function pointOf(play: Play, reader: Reader, biz: string): number {
  const stream = streamOf(biz, ownerFor(biz, reader));
  return (biz === 'single' ? play.userPoints : reader.points).get(stream) ?? 0;
}

function advance(play: Play, reader: Reader, record: Stored): void {
  const stream = streamOf(record.biz, ownerFor(record.biz, reader));
  (record.biz === 'single' ? play.userPoints : reader.points).set(stream, record.op);
}

/** The newest online device of the user, for single-device data. */
function feeds(play: Play, reader: Reader, biz: string): boolean {
  if (biz !== 'single') return true;
  return play.readers.findLast((other) => other.user === reader.user && other.c !== null) === reader;
}

/** Sends what the reader does not have; may lose the connection before an ack. */
function deliver(play: Play, reader: Reader, atConnect: boolean): void {
  for (const biz of Object.keys(CONFIGS)) {
    if (!feeds(play, reader, biz) || (biz === 'global' && !atConnect)) continue;
    for (const record of play.streams.get(streamOf(biz, ownerFor(biz, reader))) ?? []) {
      if (reader.c === null) return;
      if (record.op <= pointOf(play, reader, biz)) continue;
      if (record.min === null || reader.ver === record.min)
        play.story.recv(reader.c, biz, record.msg, record.op);
      if (play.random() < 0.05) {
        disconnect(play, reader);
        return;
      }
      if (record.min === null || reader.ver === record.min) play.story.ack(reader.c, biz, record.msg);
      advance(play, reader, record);
    }
  }
}

function disconnect(play: Play, reader: Reader): void {
  if (reader.c === null) return;
  play.story.write({ e: 'gone', c: reader.c });
  reader.c = null;
}

function connect(play: Play, reader: Reader): void {
  disconnect(play, reader);
  play.connections += 1;
  reader.c = `c${play.connections}`;
  const sp = Object.fromEntries(Object.keys(CONFIGS).map((biz) => [biz, pointOf(play, reader, biz)]));
  play.story.conn(reader.c, reader.dev, reader.user, { ver: reader.ver, sp });
  deliver(play, reader, true);
}

function append(play: Play, biz: string, owner: string | null, msg: string, min: string | null): void {
  const stream = streamOf(biz, owner);
  const records = play.streams.get(stream) ?? [];
  const op = Math.max((records.at(-1)?.op ?? 0) + 1, Math.floor(play.story.now()) * 1_000);
  records.push({ op, msg, biz, min });
  play.streams.set(stream, records);
}

function call(play: Play): void {
  const biz = pick(play, Object.keys(CONFIGS));
  const reader = pick(play, play.readers);
  const owner = ownerFor(biz, reader);
  play.calls += 1;
  const msg = `m${play.calls}`;
  const result = pick<CallResult>(play, ['ok', 'ok', 'ok', 'unknown', 'fail']);
  const min = biz === 'multi' && play.random() < 0.2 ? '2.0' : null;
  play.story.send(biz, owner, msg, result, { min });
  if (biz === 'live') {
    const online = play.readers.filter((other) => other.user === owner);
    if (result === 'ok') for (const { c } of online) if (c !== null) play.story.take(c, biz, msg, null);
    return;
  }
  const stored = result === 'ok' || (result === 'unknown' && play.random() < 0.5);
  if (stored) append(play, biz, owner, msg, min);
  if (result === 'unknown' && play.random() < 0.7) {
    play.story.send(biz, owner, msg, stored ? 'dup' : 'ok', { min });
    if (!stored) append(play, biz, owner, msg, min);
  }
  for (const other of play.readers) if (other.c !== null) deliver(play, other, false);
}

function wipe(play: Play, reader: Reader): void {
  disconnect(play, reader);
  play.story.write({ e: 'wipe', dev: reader.dev });
  reader.points.clear();
}

/** @param steps calls and disturbances before everything is brought to rest. */
export function playModel(seed: number, steps: number): HistoryEvent[] {
  const readers = [0, 1, 2, 3, 4, 5].map((index): Reader => {
    const ver = index % 2 === 0 ? '2.0' : '1.0';
    return { dev: `d${index}`, user: `u${index % 3}`, points: new Map(), ver, c: null };
  });
  const play: Play = {
    story: tellStory(),
    random: randomBy(seed),
    streams: new Map(),
    userPoints: new Map(),
    readers,
    calls: 0,
    connections: 0,
  };
  for (const [biz, changes] of Object.entries(CONFIGS)) play.story.cfg(biz, changes);
  for (let step = 0; step < steps; step += 1) {
    const chance = play.random();
    if (chance < 0.6) call(play);
    else if (chance < 0.85) connect(play, pick(play, readers));
    else if (chance < 0.97) disconnect(play, pick(play, readers));
    else wipe(play, pick(play, readers));
  }
  while (readers.some((reader) => reader.c === null)) {
    for (const reader of readers) if (reader.c === null) connect(play, reader);
    for (const reader of readers) deliver(play, reader, false);
  }
  return play.story.end();
}
