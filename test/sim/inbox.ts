/**
 * What a device keeps, by the rules of the SDK written down a second time and as briefly as possible: it
 * stores before it hands over, drops what it has, and acknowledges the unbroken run of what its app reported.
 */
import type { ClientFrame, PointOnWire } from '../../src/core/frames.js';
import { pointKind } from '../../src/core/model.js';
import type { ReceivedSync } from '../../src/wire/frames.js';
import type { History } from './history.js';
import type { Kernel } from './kernel.js';
import { CONFIGS, configOf, decodePayload, isOfUser, pointName } from './model.js';
import type { DeviceEnd } from './network.js';

/** One connection, as long as it is the device's current one. */
export interface Link {
  readonly end: DeviceEnd;
  welcomed: boolean;
  /** The user of each binding, by bindSeq. */
  readonly users: string[];
  /** The newest binding that the server has answered for. */
  boundSeq: number;
  awaitsPong: boolean;
  /** Ids of the non-persisted data that came. */
  readonly seen: Set<number>;
}

/** The app on the device. */
export interface App {
  /** Names of messages that make it crash: never reported. */
  readonly poison: Set<string>;
  /** It reports nothing at all. */
  mute: boolean;
  /** Longest time until it reports a message. */
  slowMs: number;
}

/** As much of a device as its inbox needs. */
export interface InboxOwner {
  readonly id: string;
  readonly user: string;
  readonly install: number;
  readonly updates: number;
  readonly app: App;
  readonly link: Link | null;
}

/** A message that is stored and not acknowledged. */
interface Pending {
  readonly id: number;
  readonly name: string;
  /** What an ack of it names: the end of its batch for the last one in it. */
  upTo: number;
  /** When the app is done with it, if it ever is. */
  readonly dueMs: number;
}

/** One stream in the device's database. */
interface Stored {
  received: number;
  acked: number;
  pending: Pending[];
  /** Where it stood when the app was updated last. */
  lateBelow: number;
  readonly late: Set<number>;
}

const ACK_PACE_MS = 50;

export function createInbox(
  kernel: Kernel,
  history: History,
  device: InboxOwner,
  send: (link: Link, frame: ClientFrame) => void,
) {
  const { random } = kernel;
  const { id } = device;
  let streams = new Map<string, Stored>();

  /** Positions for a Hello or a binding. */
  function points(of: (biz: string) => boolean): PointOnWire[] {
    return CONFIGS.filter(({ biz, persisted }) => persisted && of(biz)).flatMap((config) => {
      if (isOfUser(config.biz) && device.user === '') return [];
      const stored = streams.get(pointName(config.biz, ownerOf(config.biz, device.user)));
      return [{ kind: pointKind(config), biz: config.biz, point: stored?.acked ?? 0 }];
    });
  }

  function ownerOf(biz: string, user: string): string {
    if (isOfUser(biz)) return user;
    return configOf(biz).scope === 'global' ? '' : id;
  }

  function adopt(corrected: readonly PointOnWire[]): void {
    for (const { biz, point } of corrected) {
      history.cover('corrected points');
      const stored = find(pointName(biz, ownerOf(biz, device.user)));
      Object.assign(stored, { received: point, acked: point, pending: [] });
    }
  }

  function find(name: string): Stored {
    let stored = streams.get(name);
    if (stored === undefined) {
      stored = { received: 0, acked: 0, pending: [], lateBelow: 0, late: new Set() };
      streams.set(name, stored);
    }
    return stored;
  }

  function receive(link: Link, sync: ReceivedSync): void {
    const ofUser = isOfUser(sync.biz);
    const user = ofUser ? (link.users[sync.bindSeq] ?? '') : '';
    for (const oplog of sync.oplogs) {
      const payload = decodePayload(oplog.payload);
      const expected = configOf(sync.biz).scope === 'global' ? '' : ownerOf(sync.biz, user);
      if (payload.to !== expected || payload.biz !== sync.biz)
        history.violation('CROSSED', `${id} got ${payload.name} for ${payload.to} as data of ${expected}`);
    }
    if (ofUser && sync.bindSeq < link.boundSeq)
      history.violation('OLD_USER', `${id} got data of binding ${sync.bindSeq} after ${link.boundSeq}`);
    // On its way while the app switched the user: not for anybody who is still there.
    if (ofUser && sync.bindSeq !== link.users.length - 1) return;
    if (sync.transient) receiveTransient(link, sync);
    else if (sync.late) receiveLate(link, sync, user);
    else receiveBatch(link, sync, user);
  }

  function receiveBatch(link: Link, sync: ReceivedSync, user: string): void {
    const name = pointName(sync.biz, ownerOf(sync.biz, user));
    const stored = find(name);
    if (stored.received < sync.from) {
      if (!sync.serverPoint) {
        history.violation('ORDER', `${id} stands at ${stored.received} of ${name} and got from ${sync.from}`);
        return;
      }
      Object.assign(stored, { received: sync.from, acked: sync.from, pending: [] });
    }
    let last = sync.from;
    for (const oplog of sync.oplogs) {
      if (oplog.id <= last || oplog.id > sync.through)
        history.violation('ORDER', `${oplog.id} is not between ${last} and ${sync.through}`);
      last = oplog.id;
      if (oplog.id <= stored.received) continue;
      const { name: message } = decodePayload(oplog.payload);
      history.shown(device, name, oplog.id, message, false);
      const dueMs = kernel.now() + random.int(1, device.app.slowMs);
      stored.pending.push({ id: oplog.id, name: message, upTo: oplog.id, dueMs });
    }
    const end = stored.pending.at(-1);
    if (end !== undefined && end.id <= sync.through) end.upTo = Math.max(end.upTo, sync.through);
    stored.received = Math.max(stored.received, sync.through);
    planAck(link, sync, stored, user, ACK_PACE_MS, sync.from);
  }

  /** The app takes its time with each message, and with some for ever. */
  function isReported({ name, dueMs }: Pending): boolean {
    return kernel.now() >= dueMs && !device.app.mute && !device.app.poison.has(name);
  }

  /** Looks again and again, as long as the connection lasts, whether there is more to acknowledge. */
  function planAck(
    link: Link,
    sync: ReceivedSync,
    stored: Stored,
    user: string,
    afterMs: number,
    told: number,
  ): void {
    kernel.after(afterMs, null, () => {
      const { kind, biz, bindSeq } = sync;
      if (device.link !== link) return;
      const isOld = isOfUser(biz) && bindSeq !== link.users.length - 1;
      for (
        let first = stored.pending[0];
        first !== undefined && isReported(first);
        first = stored.pending[0]
      ) {
        stored.acked = Math.max(stored.acked, first.upTo);
        stored.pending.shift();
      }
      if (stored.pending.length === 0) stored.acked = Math.max(stored.acked, stored.received);
      const through = stored.acked;
      if (through > told) {
        history.acked(id, biz, ownerOf(biz, user), through);
        send(link, { type: 'ack', kind, biz, bindSeq, through, transient: false, late: false });
      }
      // The app reported what it had in hand when the user was switched; then no more.
      if (!isOld && through < sync.through)
        planAck(link, sync, stored, user, random.int(300, 1000), Math.max(told, through));
    });
  }

  function receiveLate(link: Link, sync: ReceivedSync, user: string): void {
    const name = pointName(sync.biz, ownerOf(sync.biz, user));
    const stored = find(name);
    for (const oplog of sync.oplogs) {
      // Above where the device stood at the update it came in its place.
      if (stored.late.has(oplog.id) || oplog.id > stored.lateBelow) continue;
      stored.late.add(oplog.id);
      history.shown(device, name, oplog.id, decodePayload(oplog.payload).name, true);
    }
    const { kind, biz, bindSeq, through } = sync;
    kernel.after(random.int(1, device.app.slowMs), null, () =>
      send(link, { type: 'ack', kind, biz, bindSeq, through, transient: false, late: true }),
    );
  }

  function receiveTransient(link: Link, sync: ReceivedSync): void {
    for (const { id: oplogId } of sync.oplogs) {
      if (link.seen.has(oplogId)) continue;
      link.seen.add(oplogId);
      history.cover('non-persisted data');
    }
    const { kind, biz, bindSeq, through } = sync;
    if (device.app.mute) return;
    kernel.after(random.int(1, device.app.slowMs), null, () =>
      send(link, { type: 'ack', kind, biz, bindSeq, through, transient: true, late: false }),
    );
  }

  return {
    points,
    adopt,
    receive,
    /** What the app reports of a user just when another one is bound is acknowledged for the user before. */
    ackAgain(link: Link, user: string, bindSeq: number) {
      for (const { biz, persisted } of CONFIGS) {
        const stored = streams.get(pointName(biz, user));
        if (!persisted || !isOfUser(biz) || stored === undefined || stored.acked === 0) continue;
        const through = stored.acked;
        history.cover('ack of the user before');
        send(link, {
          type: 'ack',
          kind: pointKind(configOf(biz)),
          biz,
          bindSeq,
          through,
          transient: false,
          late: false,
        });
      }
    },
    /** The filters of the old version were applied up to what was received: late is only what lies below. */
    updated() {
      for (const stored of streams.values()) {
        stored.lateBelow = stored.received;
        stored.acked = stored.received;
        stored.pending = [];
      }
    },
    wiped() {
      streams = new Map();
    },
  };
}
