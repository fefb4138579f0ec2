/**
 * What happened in a run, and the promises held against it as it happens. The first promise that is
 * broken ends the run: what comes after may only be its consequence.
 */
import type { PointOnWire } from '../../src/core/frames.js';
import type { Oplog } from '../../src/core/model.js';
import type { AppendRequest, AppendResult, ProgressBatch } from '../../src/core/ports.js';
import type { CountName, Session } from '../../src/core/session.js';
import { isExpired, matches, normalizeOs, parseVersion, uidNumber } from '../../src/core/targeting.js';
import { decodeOplogBody, type ReceivedFrame } from '../../src/wire/frames.js';
import type { Kernel } from './kernel.js';
import { configOf, decodePayload, isOfUser, type Message, pointName, streamName } from './model.js';
import type { Worker } from './server.js';

/** The promises, by the name under which a run fails. test/sim/README.md says each in a sentence. */
export type Check =
  | 'LOST'
  | 'DURABLE'
  | 'NOT_DURABLE'
  | 'ORDER'
  | 'DUPLICATE'
  | 'CROSSED'
  | 'OLD_USER'
  | 'IDS'
  | 'ATTEMPTS'
  | 'DEAD_SENT'
  | 'SINGLE_TWICE'
  | 'CURSOR'
  | 'STALE_SEND'
  | 'EXPIRED'
  | 'FILTER'
  | 'PROMPT'
  | 'CONSERVATION'
  | 'LEAK';

export interface Violation {
  readonly check: Check;
  readonly atMs: number;
  readonly detail: string;
}

/** A record that is durable. */
export interface Stored {
  readonly oplog: Oplog;
  readonly message: Message;
  readonly stream: string;
  readonly atMs: number;
}

/** As much of a device as its history is kept under. */
export interface Holder {
  readonly id: string;
  readonly install: number;
  readonly user: string;
  /** How often the app was updated. */
  readonly updates: number;
}

export type History = ReturnType<typeof createHistory>;

export function createHistory(kernel: Kernel, wallMs: () => number, trace: ((line: string) => void) | null) {
  /** Durable records by stream, in the order of their ids. */
  const records = new Map<string, Stored[]>();
  const messages = new Map<string, Message>();
  /** What the API called a success, by name, and data that is waiting for its time. */
  const accepted = new Set<string>();
  /** Messages shown to the app, by installation. */
  const shownTo = new Map<string, Set<string>>();
  const lastShown = new Map<string, number>();
  /** The highest id that a reader may be said to have acknowledged, by reader and stream. */
  const mayBeAcked = new Map<string, number>();
  /** The user's durable positions in single-device data, by stream, each with when it came to be. */
  const consumed = new Map<string, { readonly acked: number; readonly atMs: number }[]>();
  /** When a session was made its user's feeder. */
  const feedsSince = new WeakMap<Session, number>();
  const dead = new Map<string, number>();
  const transmissions = new Map<string, number>();
  const passed = new Map<string, number>();
  const coverage = new Map<string, number>();
  let violation: Violation | null = null;

  const history = {
    records,
    messages,
    accepted,
    passed,
    coverage,
    violation: (check: Check, detail: string): void => {
      trace?.(`${kernel.now()} !! ${check}: ${detail}`);
      violation ??= { check, atMs: kernel.now(), detail };
    },
    first: (): Violation | null => violation,
    note: (line: () => string): void => trace?.(`${kernel.now()} ${line()}`),
    cover: (name: string, by = 1): void => void coverage.set(name, (coverage.get(name) ?? 0) + by),
    find: (stream: string, id: number): Stored | undefined =>
      records.get(stream)?.find(({ oplog }) => oplog.id === id),
    /** Global data that is read by users is shown to each of them. */
    hasShown: ({ id, install, user }: Holder, { biz, name }: Message): boolean =>
      shownTo.get(`${id} ${install} ${pointName(biz, isOfUser(biz) ? user : id)}`)?.has(name) === true,
    /** Whether any device has ever shown it. */
    wasShown: (name: string): boolean => [...shownTo.values()].some((names) => names.has(name)),
    /** Notes an excuse, so that none is used all the time, or never. */
    because: (reason: string): boolean => {
      history.cover(`missed: ${reason}`);
      return true;
    },
    isDead: (reader: string, stream: string, id: number): boolean => dead.has(`${reader} ${stream} ${id}`),

    /** A record, or a caller's second try, has reached the disk. */
    stored(request: AppendRequest, result: AppendResult): void {
      if (result.status === 'duplicate') history.cover('duplicate found');
      if (result.status === 'scheduled') history.cover('scheduled');
      if (result.status === 'stored') history.keep(request.stream.biz, request.stream.owner, result.oplog);
    },

    keep(biz: string, owner: string, oplog: Oplog): void {
      const stream = streamName(biz, owner);
      history.note(() => `stored ${oplog.thirdMsgId} as ${oplog.id} in ${stream}`);
      const list = records.get(stream) ?? [];
      records.set(stream, list);
      if ((list.at(-1)?.oplog.id ?? 0) >= oplog.id)
        history.violation('IDS', `${oplog.id} of ${stream} comes after ${list.at(-1)?.oplog.id}`);
      const message = messages.get(decodePayload(decodeOplogBody(oplog.body).payload).name);
      if (message !== undefined) list.push({ oplog, message, stream, atMs: kernel.now() });
    },

    /** The device names its own positions. */
    named(device: string, user: string, points: readonly PointOnWire[]): void {
      for (const { biz, point } of points) {
        if (configOf(biz).multiDevice) history.acked(device, biz, isOfUser(biz) ? user : '', point);
      }
    },

    /** The session becomes its user's feeder. */
    feeds: (session: Session): void => void feedsSince.set(session, kernel.now()),

    /** The device acknowledges. */
    acked(device: string, biz: string, owner: string, id: number): void {
      const key = readerKey(device, biz, owner);
      mayBeAcked.set(key, Math.max(mayBeAcked.get(key) ?? 0, id));
    },

    shown(device: Holder, point: string, id: number, name: string, late: boolean): void {
      history.note(() => `${device.id} shows ${name} (${id})${late ? ' late' : ''}`);
      const key = `${device.id} ${device.install} ${point}`;
      const seen = shownTo.get(key) ?? new Set();
      shownTo.set(key, seen);
      // After two updates in a row a device cannot tell what it took in its place between them.
      const isKnown = late && device.updates > 1;
      if (seen.has(name) && isKnown) history.cover('late again after two updates');
      else if (seen.has(name))
        history.violation('DUPLICATE', `${device.id} shows ${name} a second time, as ${id}`);
      seen.add(name);
      if (late) {
        history.cover('late record');
        return;
      }
      const last = lastShown.get(key) ?? 0;
      if (id <= last) history.violation('ORDER', `${device.id} shows ${id} of ${point} after ${last}`);
      lastShown.set(key, id);
    },

    /** What acks, retries and ends have left is on the disk. */
    progress(batch: ProgressBatch): void {
      for (const { reader, cursor } of batch.cursors) {
        const { biz, acked, attempts } = cursor;
        const owner = isOfUser(biz) ? cursor.owner : '';
        const key = readerKey(reader.id, biz, owner);
        const may = mayBeAcked.get(key) ?? 0;
        if (acked > may)
          history.violation('CURSOR', `${key} is said to have ${acked}, and acknowledged ${may}`);
        if (attempts >= 6) history.violation('ATTEMPTS', `${key} stands at ${attempts} attempts`);
        if (configOf(biz).multiDevice) continue;
        const stream = streamName(biz, cursor.owner);
        const positions = consumed.get(stream) ?? [];
        consumed.set(stream, positions);
        if (acked > (positions.at(-1)?.acked ?? 0)) positions.push({ acked, atMs: kernel.now() });
      }
      for (const { reader, stream, id, attempts } of batch.dead) {
        const name = `${reader.id} ${streamName(stream.biz, stream.owner)} ${id}`;
        history.cover('dead letter');
        history.note(() => `dead ${name}`);
        if (attempts !== 6 || (transmissions.get(name) ?? 0) < 6)
          history.violation('ATTEMPTS', `${name} died after ${transmissions.get(name) ?? 0} transmissions`);
        if (!dead.has(name)) dead.set(name, kernel.now());
      }
    },

    /** A worker writes a frame to a device, on a connection that it accepted at `bornMs`. */
    written(worker: Worker, session: Session, bornMs: number, frame: ReceivedFrame): void {
      if (frame.type !== 'sync') return;
      history.note(() => {
        const ids = frame.oplogs.map(({ id }) => id).join(',');
        return `${worker.process.name} sends ${session.deviceId}#${session.no} ${frame.biz} ${frame.from}..${frame.through} [${ids}]`;
      });
      if (kernel.now() >= worker.leaseUntilMs)
        history.violation('STALE_SEND', `${worker.process.name} sends data without a lease`);
      if (frame.transient) return;
      const owner = isOfUser(frame.biz) ? session.user : session.deviceId;
      const stream = streamName(frame.biz, owner);
      for (const { id } of frame.oplogs) {
        const found = history.find(stream, id);
        if (found === undefined) {
          history.violation('NOT_DURABLE', `${id} of ${stream} is sent and not stored`);
          return;
        }
        checkSent(session, bornMs, stream, found, frame.late);
      }
    },

    counted(biz: string, name: CountName, by: number): void {
      history.cover(name, by);
      if (name === 'passed') passed.set(biz, (passed.get(biz) ?? 0) + by);
    },
  };

  function checkSent(
    session: Session,
    bornMs: number,
    stream: string,
    { oplog, message }: Stored,
    late: boolean,
  ): void {
    const { biz } = message;
    const reader = configOf(biz).multiDevice ? session.deviceId : session.user;
    const name = `${reader} ${stream} ${oplog.id}`;
    if (!late) transmissions.set(name, (transmissions.get(name) ?? 0) + 1);
    if (isExpired(oplog, wallMs())) history.violation('EXPIRED', `${message.name} is sent after its time`);
    const uid = uidNumber(configOf(biz).object === 'user' ? session.user : session.deviceId);
    const subject = {
      os: normalizeOs(session.os),
      version: parseVersion(session.appVersion),
      uid,
      boundMs: 0,
    };
    if (!matches(oplog.filter, subject))
      history.violation('FILTER', `${message.name} is not for ${session.os} ${session.appVersion}`);
    if (!configOf(biz).multiDevice && oplog.id <= consumedBefore(stream, feedsSince.get(session) ?? 0))
      history.violation('SINGLE_TWICE', `${message.name} is sent to ${session.deviceId}: the user has it`);
    // A letter names the device, and not which of its users the data was for. What was given up for an
    // older version of the app may come late for the newer one.
    const isForPair = configOf(biz).scope === 'global' && configOf(biz).object === 'user';
    if (!isForPair && !late && (dead.get(name) ?? Number.POSITIVE_INFINITY) < bornMs)
      history.violation('DEAD_SENT', `${name} is sent after it was given up`);
  }

  /** An ack that was written only after the feeder had read may be repeated: it was lost for so long. */
  function consumedBefore(stream: string, atMs: number): number {
    return (consumed.get(stream) ?? []).findLast((position) => position.atMs < atMs)?.acked ?? 0;
  }

  return history;
}

/** Positions of single-device data belong to the user, all others to the device, by user where users matter. */
function readerKey(reader: string, biz: string, owner: string): string {
  if (!configOf(biz).multiDevice) return pointName(biz, owner);
  return `${reader} ${pointName(biz, isOfUser(biz) ? owner : reader)}`;
}
