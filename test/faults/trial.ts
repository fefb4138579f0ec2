/**
 * One trial of the server: devices, callers and faults that write one history, brought to rest and
 * judged from it. What the server says of itself is not asked, but for losses it declares.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkHistory } from '../history/checker.js';
import { type DeviceOptions, RawDevice } from '../history/device.js';
import { type CallResult, type ConfigEvent, type DropEvent, parseHistory } from '../history/events.js';
import { markPayload } from '../history/payload.js';
import { openRecorder, type Recorder } from '../history/recorder.js';
import type { CheckOptions, Verdict } from '../history/verdict.js';
import { encodeForm, signed } from '../openapi/support.js';
import { type Cluster, call, until } from './cluster.js';

export const APP = 'faults';
export const WS = 'test';
export const INSTANCE = `${WS}_${APP}`;

/** Codes that promise that nothing was stored. */
const REFUSALS = new Set([
  'THIRDMSGID_IS_NULL',
  'BIZ_NOT_ONLINE',
  'ARGS_IS_NULL',
  'NOT_SUPPORT_GLOBAL',
  'PAYLOAD_LONG',
  'THIRD_MSG_ID_LONG',
]);

/** A push is given up after so long, its outcome unknown. */
const PUSH_LIMIT_MS = 30_000;

export interface BizOptions {
  readonly dim?: 'user' | 'device';
  readonly scope?: 'single' | 'global';
  readonly persist?: boolean;
  readonly multi?: boolean;
  readonly threshold?: number | null;
  readonly liveGlobal?: boolean;
  readonly maxAttempts?: number;
  /** False for data that waits by design, for its time or for a connection: it is not in flight. */
  readonly prompt?: boolean;
}

export interface SendOptions {
  /** Filling of the payload. */
  readonly pad?: string;
  /** Begin of validity, wall ms. */
  readonly vs?: number;
  /** End of validity, wall ms. */
  readonly ve?: number;
}

export interface Addressed {
  readonly to: string;
  readonly msg: string;
}

/** Devices in a process of their own, with a history of their own beside that of the trial. */
export interface Party {
  /** Resolves when all that it has written down is in its file. */
  flush(): Promise<void>;
  tally(): { readonly gaps: number; readonly stale: number; readonly kicks: readonly number[] };
  close(): void;
}

export interface Trial {
  readonly cluster: Cluster;
  readonly recorder: Recorder;
  readonly devices: RawDevice[];
  /** True once `close` was called. */
  isClosed(): boolean;
  /** Creates the bizType at the server and writes down what it promises. */
  addBiz(biz: string, options?: BizOptions): Promise<void>;
  addDevice(options: Partial<DeviceOptions> & { readonly dev: string }): RawDevice;
  /** One call of the sync API, tried once. @returns how it ended. */
  send(biz: string, to: string | null, msg: string, options?: SendOptions): Promise<CallResult>;
  /** As `send`, repeated with the same thirdMsgId while the outcome is unknown. */
  sendUntilKnown(biz: string, to: string | null, msg: string, options?: SendOptions): Promise<CallResult>;
  /** One signed push to a user or a device, repeated while the outcome is unknown. */
  push(dim: 'user' | 'device', to: string, msg: string): Promise<CallResult>;
  /** True once some device has acknowledged the message. */
  isAcked(biz: string, msg: string): boolean;
  /** Longest time that a call took, answered or not, ms. */
  slowestCallMs(): number;
  /** Many messages in one NDJSON call of the admin port. @returns how each ended. */
  sendBatch(biz: string, messages: readonly Addressed[]): Promise<CallResult[]>;
  /** As `sendBatch`; those whose outcome is unknown are sent again under their names. */
  sendBatchUntilKnown(biz: string, messages: readonly Addressed[]): Promise<void>;
  /** Devices of another process take part until the trial is closed. */
  join(party: Party): void;
  readonly parties: readonly Party[];
  /** A device of another process has acknowledged the message. */
  acknowledged(biz: string, msg: string): void;
  /** Something came to a device of another process: the trial is not at rest. */
  moved(): void;
  /** Messages accepted and not yet acknowledged by any device, and calls without an answer. */
  inFlight(): number;
  /** While on, an answer of the server is written down as unknown: it may come from before or after a cut. */
  distrust(on: boolean): void;
  /** Writes down that what was sent up to now may be lost: nobody promised that it outlives this fault. */
  declareLost(): void;
  /** A fault strikes, or ends; says how much was in flight. Returns that. */
  fault(name: string, on: boolean): number;
  /** Resolves when every device has its handshake. */
  allConnected(timeoutMs?: number): Promise<void>;
  /** Waits until nothing moves, writes the end, and judges. */
  judge(options?: Partial<CheckOptions>, restMs?: number): Promise<Verdict>;
  /** Ends devices, callers and the recording; the cluster is left to its owner. */
  close(): void;
}

interface Ledger {
  readonly open: Set<string>;
  readonly acked: Set<string>;
  /** Sent, and not declared lost. */
  begun: { readonly biz: string; readonly to: string | null; readonly msg: string }[];
  /** BizTypes whose data comes at once. */
  readonly prompt: Set<string>;
  calls: number;
  slowestMs: number;
  lastEventAt: number;
}

function resultOf(status: number, body: string): CallResult {
  if (status >= 500) return 'unknown';
  try {
    const { msg } = JSON.parse(body) as { readonly msg?: unknown };
    if (msg === 'SUCCESS' || msg === 'NOT_ONLINE') return 'ok';
    if (msg === 'DUPLICATED_BIZ_ID') return 'dup';
    return typeof msg === 'string' && REFUSALS.has(msg) ? 'fail' : 'unknown';
  } catch {
    return 'unknown';
  }
}

let say = (text: string): void => {
  process.stdout.write(`# ${text}\n`);
};

/** Prints a line beside the test's own output. */
export function note(text: string): void {
  say(text);
}

/** From now on notes go to `to`. */
export function divertNotes(to: (text: string) => void): void {
  say = to;
}

/** The next of the nodes each time, so that each gets its share. */
function inTurn<T>(nodes: readonly T[], from = 0): () => T {
  let turn = from;
  return () => {
    turn += 1;
    const node = nodes[turn % nodes.length];
    if (node === undefined) throw new RangeError('no node');
    return node;
  };
}

/** What takes part beside the first node. */
export interface OtherNodes {
  /** Further nodes that devices connect to. */
  readonly gateways: readonly Cluster[];
  /** Nodes that callers call, instead of the first. */
  readonly apis: readonly Cluster[];
  /** False when the first node takes no devices. */
  readonly firstIsGateway: boolean;
}

/** Begins a trial against a server that runs, on an instance of its own. */
export async function beginTrial(
  cluster: Cluster,
  others: OtherNodes = { gateways: [], apis: [], firstIsGateway: true },
): Promise<Trial> {
  const gateways = others.firstIsGateway ? [cluster, ...others.gateways] : others.gateways;
  const api = inTurn(others.apis.length > 0 ? others.apis : [cluster]);
  const recorder = openRecorder(join(cluster.dir, 'history', 'trial.jsonl'));
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const devices: RawDevice[] = [];
  const parties: Party[] = [];
  const ledger: Ledger = {
    open: new Set(),
    acked: new Set(),
    begun: [],
    prompt: new Set(),
    calls: 0,
    slowestMs: 0,
    lastEventAt: performance.now(),
  };
  let calls = 0;
  let closed = false;
  let distrusted = false;

  const created = await cluster.admin('POST', '/v1/instances', { workspaceId: WS, appId: APP });
  if (created.status !== 200) throw new Error(`no instance: ${created.status} ${created.body}`);

  function acknowledged(biz: string, msg: string): void {
    ledger.lastEventAt = performance.now();
    ledger.acked.add(`${biz} ${msg}`);
    ledger.open.delete(`${biz} ${msg}`);
  }

  function begin(
    biz: string,
    to: string | null,
    msg: string,
    options: SendOptions,
  ): { id: string; payload: string } {
    if (closed) throw new Error('the trial is over');
    calls += 1;
    const id = `call-${process.pid}-${calls}`;
    const { h, payload } = markPayload(msg, options.pad ?? '');
    const { vs = null, ve = null } = options;
    const open = { os: null, min: null, max: null };
    recorder.write({ e: 'send', id, app: APP, ws: WS, biz, to, msg, h, vs, ve, ...open });
    ledger.calls += 1;
    ledger.begun.push({ biz, to, msg });
    return { id, payload };
  }

  function finish(id: string, biz: string, msg: string, answered: CallResult): CallResult {
    const result = distrusted ? 'unknown' : answered;
    if (closed) return result;
    recorder.write({ e: 'ret', id, r: result });
    ledger.calls -= 1;
    const accepted = result === 'ok' || result === 'dup';
    if (accepted && ledger.prompt.has(biz) && !ledger.acked.has(`${biz} ${msg}`))
      ledger.open.add(`${biz} ${msg}`);
    return result;
  }

  async function send(
    biz: string,
    to: string | null,
    msg: string,
    options: SendOptions = {},
  ): Promise<CallResult> {
    const { id, payload } = begin(biz, to, msg, options);
    const target = to === null ? {} : { linkToken: to };
    const validity = { validTimeStart: options.vs, validTimeEnd: options.ve };
    const body = JSON.stringify({ bizType: biz, thirdMsgId: msg, payload, ...target, ...validity });
    const path = `/webapi/sync/${to === null ? 'global' : 'single'}?instanceId=${INSTANCE}`;
    const headers = { 'content-type': 'application/json' };
    const startMs = performance.now();
    const port = api().ports.api;
    const result = await call({ agent, port, method: 'POST', path, headers }, body).then(
      (answer) => resultOf(answer.status, answer.body),
      () => 'unknown' as const,
    );
    ledger.slowestMs = Math.max(ledger.slowestMs, performance.now() - startMs);
    return finish(id, biz, msg, result);
  }

  let accessKey: Promise<{ readonly keyId: string; readonly secret: string }> | null = null;
  async function makeAccessKey(): Promise<{ readonly keyId: string; readonly secret: string }> {
    const scope = { instances: [INSTANCE], appKeys: [] };
    const answer = await cluster.admin('POST', '/v1/access-keys', { tenant: 'faults', scope });
    const { key, secret } = JSON.parse(answer.body) as { key: { id: string }; secret: string };
    return { keyId: key.id, secret };
  }

  async function pushOnce(dim: 'user' | 'device', to: string, msg: string): Promise<CallResult> {
    accessKey ??= makeAccessKey();
    const key = await accessKey;
    const biz = `$push.${dim}`;
    const { id, payload } = begin(biz, to, msg, {});
    const query = signed(key, 'GET', {
      Action: 'PushSimple',
      AppId: APP,
      WorkspaceId: WS,
      TaskName: 'faults',
      DeliveryType: dim === 'user' ? '3' : '1',
      TargetMsgkey: JSON.stringify({ [to]: msg }),
      Title: 'faults',
      Content: payload,
      ExpiredSeconds: '86400',
    });
    const port = api().ports.openapi;
    const result = await call({ agent, port, method: 'GET', path: `/?${encodeForm(query)}` }).then(
      (answer) => pushResultOf(answer.status, answer.body),
      () => 'unknown' as const,
    );
    return finish(id, biz, msg, result);
  }

  async function push(dim: 'user' | 'device', to: string, msg: string): Promise<CallResult> {
    // A server that has lost its tenants refuses for ever, and its code does not say so.
    const deadline = performance.now() + PUSH_LIMIT_MS;
    for (;;) {
      const result = await pushOnce(dim, to, msg);
      if (result !== 'unknown' || closed || performance.now() > deadline) return result;
      await sleep(100);
    }
  }

  async function sendUntilKnown(
    biz: string,
    to: string | null,
    msg: string,
    options: SendOptions = {},
  ): Promise<CallResult> {
    for (;;) {
      const result = await send(biz, to, msg, options);
      if (result !== 'unknown' || closed) return result;
      await sleep(100);
    }
  }

  async function sendBatch(biz: string, messages: readonly Addressed[]): Promise<CallResult[]> {
    const begun = messages.map(({ to, msg }) => ({ to, msg, ...begin(biz, to, msg, {}) }));
    const lines = begun.map(({ to, msg, payload }) =>
      JSON.stringify({ bizType: biz, linkToken: to, thirdMsgId: msg, payload }),
    );
    const token = readFileSync(join(cluster.dataDir, 'admin.token'), 'utf8').trim();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' };
    const path = `/v1/instances/${INSTANCE}/sync/batch`;
    const answer = await call(
      { agent, port: cluster.ports.admin, method: 'POST', path, headers, timeoutMs: 30_000 },
      `${lines.join('\n')}\n`,
    ).catch(() => ({ status: 0, body: '' }));
    const results = answer.body.split('\n').filter(Boolean);
    return begun.map(({ id, msg }, index) => finish(id, biz, msg, lineResult(results[index])));
  }

  async function sendBatchUntilKnown(biz: string, messages: readonly Addressed[]): Promise<void> {
    for (let left = messages; left.length > 0 && !closed; ) {
      const results = await sendBatch(biz, left);
      left = left.filter((_, index) => results[index] === 'unknown');
      if (left.length > 0) await sleep(100);
    }
  }

  function fault(name: string, on: boolean): number {
    const inFlight = ledger.open.size + ledger.calls;
    recorder.write({ e: 'fault', name, on });
    note(`${name} ${on ? `strikes: ${inFlight} messages in flight` : 'is over'}`);
    return inFlight;
  }

  function addDevice(options: Partial<DeviceOptions> & { readonly dev: string }): RawDevice {
    const tls = options.tls ?? true;
    // Each device goes round by itself. When all took the next of one round, some met the same dead gateway
    // seven times in a row.
    const gateway = inTurn(gateways, devices.length);
    const device = new RawDevice({
      port: () => (tls ? gateway().ports.tls : gateway().ports.tcp),
      tls,
      app: APP,
      ws: WS,
      user: null,
      recorder,
      onAck: acknowledged,
      ...options,
    });
    devices.push(device);
    return device;
  }

  async function judge(options: Partial<CheckOptions> = {}, restMs = 20_000): Promise<Verdict> {
    const drainMs = options.drainMs ?? 2_000;
    const deadline = performance.now() + restMs;
    const moving = (): boolean =>
      ledger.calls > 0 || ledger.open.size > 0 || performance.now() - ledger.lastEventAt < drainMs;
    while (moving() && performance.now() < deadline) await sleep(50);
    await sleep(drainMs + 200);
    recorder.write({ e: 'end' });
    recorder.flush();
    await Promise.all(parties.map((party) => party.flush()));
    const folder = join(cluster.dir, 'history');
    const files = readdirSync(folder).map((name) => ({
      name,
      text: readFileSync(join(folder, name), 'utf8'),
    }));
    const verdict = checkHistory(parseHistory(files), { ...options, drainMs });
    note(`verdict ${verdict.valid} ${JSON.stringify({ ...verdict.counts, ...verdict.notErrors })}`);
    return verdict;
  }

  return {
    cluster,
    recorder,
    devices,
    isClosed: () => closed,
    addBiz(biz, options = {}) {
      if (options.prompt ?? true) ledger.prompt.add(biz);
      return addBiz(cluster, recorder, biz, options);
    },
    addDevice,
    send,
    sendUntilKnown,
    push,
    isAcked: (biz, msg) => ledger.acked.has(`${biz} ${msg}`),
    slowestCallMs: () => ledger.slowestMs,
    sendBatch,
    sendBatchUntilKnown,
    join: (party) => void parties.push(party),
    parties,
    acknowledged,
    moved() {
      ledger.lastEventAt = performance.now();
    },
    inFlight: () => ledger.open.size + ledger.calls,
    distrust(on) {
      distrusted = on;
    },
    declareLost() {
      for (const message of ledger.begun)
        recorder.write({ e: 'drop', app: APP, ws: WS, ...message, why: 'admin' });
      ledger.begun = [];
      ledger.open.clear();
    },
    fault,
    async allConnected(timeoutMs = 30_000) {
      const missing = () => devices.filter((device) => device.connection === null);
      await until('all devices are connected', timeoutMs, () => missing().length === 0).catch(
        (error: Error) => {
          const names = missing().map(
            ({ options: { dev, port }, tally: { attempts, connects, kicks, lastError } }) =>
              `${dev} (${attempts} attempts, ${connects} welcomed, kicks ${kicks.join(' ')}, port ${port()} ${lastError})`,
          );
          throw new Error(`${error.message}; ${names.length} are not: ${names.slice(0, 9).join(', ')}`);
        },
      );
    },
    judge,
    close() {
      closed = true;
      for (const device of devices) device.stop();
      for (const party of parties) party.close();
      agent.destroy();
      recorder.close();
    },
  };
}

/** What a signed push promises: a task id, when every message is stored. */
function pushResultOf(status: number, body: string): CallResult {
  if (status !== 200) return 'unknown';
  try {
    const { PushResult } = JSON.parse(body) as { readonly PushResult?: { readonly Success?: boolean } };
    return PushResult?.Success === true ? 'ok' : 'unknown';
  } catch {
    return 'unknown';
  }
}

function lineResult(line: string | undefined): CallResult {
  if (line === undefined) return 'unknown';
  const { result, error } = JSON.parse(line) as { result?: string; error?: { code?: string } };
  return resultOf(200, JSON.stringify({ msg: result ?? error?.code ?? '' }));
}

async function addBiz(cluster: Cluster, recorder: Recorder, biz: string, options: BizOptions): Promise<void> {
  const isPush = biz.startsWith('$');
  const config: Omit<ConfigEvent, 'e' | 't' | 'app' | 'ws' | 'biz'> = {
    kind: isPush ? 'push' : 'sync',
    dim: options.dim ?? 'user',
    scope: options.scope ?? 'single',
    persist: options.persist ?? true,
    multi: options.multi ?? true,
    threshold: options.threshold ?? null,
    maxAttempts: options.maxAttempts ?? 6,
    ordered: !isPush,
    liveGlobal: options.liveGlobal ?? false,
  };
  recorder.write({ e: 'cfg', app: APP, ws: WS, biz, ...config });
  // The server makes those of pushes by itself.
  if (isPush) return;
  const answer = await cluster.admin('POST', `/v1/instances/${INSTANCE}/configs`, {
    bizType: biz,
    scope: config.scope === 'global' ? 'global' : 'specified',
    object: config.dim,
    multiDevice: config.multi,
    persisted: config.persist,
    threshold: config.threshold,
    deliver: config.liveGlobal ? 'immediate' : 'foreground',
  });
  if (answer.status !== 200) throw new Error(`no configuration ${biz}: ${answer.status} ${answer.body}`);
}

/** Losses that the server declared as dead letters, written into the history before its end. */
export async function recordDeadLetters(trial: Trial, biz: string): Promise<number> {
  const answer = await trial.cluster.admin('GET', `/v1/instances/${INSTANCE}/dead-letters?bizType=${biz}`);
  const { letters } = JSON.parse(answer.body) as {
    readonly letters: readonly { readonly owner: string; readonly id: string }[];
  };
  for (const { owner, id } of letters) {
    const query = `bizType=${biz}&linkToken=${owner}&id=${id}`;
    const timeline = await trial.cluster.admin('GET', `/v1/instances/${INSTANCE}/timeline?${query}`);
    const { thirdMsgId } = JSON.parse(timeline.body) as { readonly thirdMsgId: string };
    const drop: Omit<DropEvent, 't'> = {
      e: 'drop',
      app: APP,
      ws: WS,
      biz,
      to: owner,
      msg: thirdMsgId,
      why: 'attempts',
    };
    trial.recorder.write(drop);
  }
  return letters.length;
}
