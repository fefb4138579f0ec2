/**
 * A history put in order for judging: calls by message, connections by device, receipts by message.
 * Finds no faults itself but those that make a receipt belong to nothing.
 */
import {
  type CallResult,
  type ConfigEvent,
  type DropEvent,
  type HistoryEvent,
  MalformedHistory,
  type ReceiveEvent,
  type SendEvent,
} from './events.js';

export interface Call {
  readonly send: SendEvent;
  result: CallResult;
  /** Time of the answer, or null. */
  returnedAt: number | null;
}

/** One message: all calls with the same bizType, target and thirdMsgId. */
export interface Message {
  readonly app: string;
  readonly ws: string;
  readonly biz: string;
  readonly to: string | null;
  readonly msg: string;
  readonly stream: string;
  readonly config: ConfigEvent | undefined;
  readonly calls: Call[];
  readonly receipts: Receipt[];
  readonly drops: DropEvent[];
  revokedAt: number | null;
}

export interface Connection {
  readonly c: string;
  readonly app: string;
  readonly ws: string;
  readonly dev: string;
  readonly os: string;
  readonly ver: string;
  readonly sp: Readonly<Record<string, number>>;
  readonly startedAt: number;
  goneAt: number | null;
  /** Users in turn, the last one current. */
  readonly users: { readonly user: string | null; readonly since: number }[];
  readonly lastReceipt: Map<string, Receipt>;
}

export interface Receipt {
  readonly t: number;
  readonly connection: Connection;
  readonly message: Message;
  readonly op: number | null;
  readonly h: string;
  /** When the device acknowledged it on this connection, or null. */
  ackedAt: number | null;
}

export interface Device {
  readonly app: string;
  readonly ws: string;
  readonly dev: string;
  readonly connections: Connection[];
  readonly wipes: number[];
}

export interface World {
  readonly configs: Map<string, ConfigEvent>;
  readonly messages: Map<string, Message>;
  readonly byMsg: Map<string, Message[]>;
  readonly devices: Map<string, Device>;
  readonly receipts: Receipt[];
  /** Receipts of something that was never sent to their reader. */
  readonly strays: { readonly event: ReceiveEvent; readonly connection: Connection }[];
  readonly faults: { readonly name: string; readonly from: number; to: number }[];
  endedAt: number | null;
  lastReceiptAt: number;
}

export function keyOf(...parts: readonly (string | null)[]): string {
  return parts.map((part) => (part === null ? '*' : `=${part}`)).join('\0');
}

/** The user of a connection at a time. */
export function userAt(connection: Connection, t: number): string | null {
  let user: string | null = null;
  for (const step of connection.users) if (step.since <= t) user = step.user;
  return user;
}

/** True when `user` was the connection's user at `t`, or was replaced less than `graceMs` before. */
export function wasUser(connection: Connection, user: string, t: number, graceMs: number): boolean {
  return connection.users.some((step, index) => {
    const until = connection.users[index + 1]?.since ?? Number.POSITIVE_INFINITY;
    return step.user === user && step.since <= t && t <= until + graceMs;
  });
}

function addSend(world: World, send: SendEvent, calls: Map<string, Call>): void {
  if (calls.has(send.id)) throw new MalformedHistory(`two sends with id ${send.id}`);
  const key = keyOf(send.app, send.ws, send.biz, send.to, send.msg);
  let message = world.messages.get(key);
  if (message === undefined) {
    const { app, ws, biz, to, msg } = send;
    message = {
      app,
      ws,
      biz,
      to,
      msg,
      stream: keyOf(app, ws, biz, to),
      config: world.configs.get(keyOf(app, ws, biz)),
      calls: [],
      receipts: [],
      drops: [],
      revokedAt: null,
    };
    world.messages.set(key, message);
    const namesakes = world.byMsg.get(msg);
    if (namesakes === undefined) world.byMsg.set(msg, [message]);
    else namesakes.push(message);
  }
  const call: Call = { send, result: 'unknown', returnedAt: null };
  calls.set(send.id, call);
  message.calls.push(call);
}

/** The owners whose data this connection may get under this configuration, the present one first. */
function ownersAt(
  connection: Connection,
  config: ConfigEvent,
  t: number,
  graceMs: number,
): readonly (string | null)[] {
  if (config.scope === 'global') return [null];
  if (config.dim === 'device') return [connection.dev];
  const current = userAt(connection, t);
  const others = connection.users.map((step) => step.user).filter((user) => user !== current);
  return [current, ...others]
    .filter((user) => user !== null)
    .filter((user) => wasUser(connection, user, t, graceMs));
}

function addReceipt(world: World, connection: Connection, event: ReceiveEvent, graceMs: number): void {
  world.lastReceiptAt = Math.max(world.lastReceiptAt, event.t);
  const config = world.configs.get(keyOf(connection.app, connection.ws, event.biz));
  const owners = config === undefined ? [] : ownersAt(connection, config, event.t, graceMs);
  const candidates = owners.flatMap((owner) => {
    const found = world.messages.get(keyOf(connection.app, connection.ws, event.biz, owner, event.msg));
    return found === undefined ? [] : [found];
  });
  const message =
    candidates.find((candidate) => candidate.calls.some((call) => call.send.h === event.h)) ?? candidates[0];
  if (message === undefined) {
    world.strays.push({ event, connection });
    return;
  }
  const receipt: Receipt = { t: event.t, connection, message, op: event.op, h: event.h, ackedAt: null };
  world.receipts.push(receipt);
  message.receipts.push(receipt);
  connection.lastReceipt.set(keyOf(event.biz, event.msg), receipt);
}

function deviceOf(world: World, app: string, ws: string, dev: string): Device {
  const key = keyOf(app, ws, dev);
  let device = world.devices.get(key);
  if (device === undefined) {
    device = { app, ws, dev, connections: [], wipes: [] };
    world.devices.set(key, device);
  }
  return device;
}

function addFault(world: World, name: string, on: boolean, t: number): void {
  if (on) {
    world.faults.push({ name, from: t, to: Number.POSITIVE_INFINITY });
    return;
  }
  for (const fault of world.faults) if (fault.name === name && fault.to > t) fault.to = t;
}

interface Threads {
  readonly calls: Map<string, Call>;
  readonly connections: Map<string, Connection>;
  readonly graceMs: number;
}

function connectionOf(threads: Threads, c: string): Connection {
  const found = threads.connections.get(c);
  if (found === undefined) throw new MalformedHistory(`connection ${c} was never opened`);
  return found;
}

function addConnection(world: World, threads: Threads, event: HistoryEvent & { readonly e: 'conn' }): void {
  if (threads.connections.has(event.c)) throw new MalformedHistory(`connection ${event.c} opened twice`);
  const { c, app, ws, dev, os, ver, sp, t, user } = event;
  const connection: Connection = {
    c,
    app,
    ws,
    dev,
    os,
    ver,
    sp,
    startedAt: t,
    goneAt: null,
    users: [{ user, since: t }],
    lastReceipt: new Map(),
  };
  threads.connections.set(c, connection);
  deviceOf(world, app, ws, dev).connections.push(connection);
}

function addReturn(threads: Threads, event: HistoryEvent & { readonly e: 'ret' }): void {
  const call = threads.calls.get(event.id);
  if (call === undefined) throw new MalformedHistory(`ret of unknown call ${event.id}`);
  call.result = event.r;
  call.returnedAt = event.t;
}

function wipe(world: World, dev: string, t: number): void {
  for (const device of world.devices.values()) if (device.dev === dev) device.wipes.push(t);
}

function apply(world: World, threads: Threads, event: HistoryEvent): void {
  switch (event.e) {
    case 'ret':
      addReturn(threads, event);
      return;
    case 'conn':
      addConnection(world, threads, event);
      return;
    case 'bind':
      connectionOf(threads, event.c).users.push({ user: event.user, since: event.t });
      return;
    case 'recv':
      addReceipt(world, connectionOf(threads, event.c), event, threads.graceMs);
      return;
    case 'ack': {
      const receipt = connectionOf(threads, event.c).lastReceipt.get(keyOf(event.biz, event.msg));
      if (receipt !== undefined) receipt.ackedAt ??= event.t;
      return;
    }
    case 'gone':
      connectionOf(threads, event.c).goneAt ??= event.t;
      return;
    case 'wipe':
      wipe(world, event.dev, event.t);
      return;
    case 'drop':
      world.messages.get(keyOf(event.app, event.ws, event.biz, event.to, event.msg))?.drops.push(event);
      return;
    case 'revoke':
      for (const message of world.byMsg.get(event.msg) ?? []) {
        if (message.app === event.app && message.ws === event.ws && message.biz === event.biz)
          message.revokedAt ??= event.t;
      }
      return;
    case 'fault':
      addFault(world, event.name, event.on, event.t);
      return;
    case 'end':
      world.endedAt = event.t;
      return;
  }
}

/**
 * @param events sorted by time.
 * @param graceMs how long after a switch the data of the user before may still arrive.
 * @throws {MalformedHistory} when an event refers to a call or a connection that does not exist.
 */
export function buildWorld(events: readonly HistoryEvent[], graceMs: number): World {
  const world: World = {
    configs: new Map(),
    messages: new Map(),
    byMsg: new Map(),
    devices: new Map(),
    receipts: [],
    strays: [],
    faults: [],
    endedAt: null,
    lastReceiptAt: Number.NEGATIVE_INFINITY,
  };
  const threads: Threads = { calls: new Map(), connections: new Map(), graceMs };
  for (const event of events)
    if (event.e === 'cfg') world.configs.set(keyOf(event.app, event.ws, event.biz), event);
  for (const event of events) if (event.e === 'send') addSend(world, event, threads.calls);
  for (const event of events) if (event.e !== 'cfg' && event.e !== 'send') apply(world, threads, event);
  return world;
}
