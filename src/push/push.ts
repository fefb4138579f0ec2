/** Pushes of message push: from a checked call to records on the reserved streams. */
import { randomInt } from 'node:crypto';
import { BROADCASTS, type BroadcastDocument } from '../core/broadcasts.js';
import type { SendOutcome, SendRequest } from '../core/delivery.js';
import { type DeviceRecord, MAX_RETENTION_MS } from '../core/model.js';
import { type DocStore, type DocWrite, StoreUnavailable } from '../core/ports.js';
import { PUSH_BIZ } from '../core/push-streams.js';
import { REVOCATION_PREFIX } from '../core/revocation.js';
import { ownChannel, platformOf } from './analysis/counts.js';
import type { Analysis } from './analysis/index.js';
import type { CountedKind } from './analysis/message-id.js';
import { audienceOf, type LoginState } from './audience.js';
import { type ChannelSending, hasLink } from './channel-sending.js';
import { PushRefusal } from './codes.js';
import { type CheckedExtended, checkExtended } from './extended.js';
import { logWrites } from './log.js';
import { messageBody, type PushContent } from './message.js';
import { isUsableName } from './names.js';
import { taskWrite } from './tasks.js';

/** `deliveryType` of the server API. */
export const DeliveryType = {
  ANDROID: 1,
  IOS: 2,
  USER: 3,
  ACTIVITY_TOKEN: 5,
  ACTIVITY_ID: 6,
  HARMONY: 7,
} as const;
export type DeliveryType = (typeof DeliveryType)[keyof typeof DeliveryType];

/** What all messages of a push have in common. */
export interface PushTask {
  readonly instance: string;
  readonly deliveryType: DeliveryType;
  readonly expiredSeconds: number;
  readonly extended: ReadonlyMap<string, string>;
  /** Of a broadcast; left out for devices whatever their login. */
  readonly login?: LoginState;
  /** All of it can be taken back by the task id. */
  readonly asTask?: boolean;
  /** For the analysis; of a push stored before it was kept, a simple one. */
  readonly about?: TaskAbout;
  /** The id of a push that may be repeated after a crash; absent: a new one. */
  readonly id?: string;
}

/** What the analysis tells of a push. */
export interface TaskAbout {
  readonly kind: CountedKind;
  readonly name: string;
  readonly templateId: string;
  readonly templateName: string;
}

/** One message and whom it is for. */
export interface PushMessage {
  /** Ad-token or device id, or user. */
  readonly target: string;
  /** Business message id. The same one again for the same target within 30 days is not sent again. */
  readonly msgKey: string;
  readonly content: Omit<PushContent, 'params'>;
  /** Extended parameters of this one, beside those of the task. */
  readonly extended: ReadonlyMap<string, string>;
}

export interface PushOptions {
  readonly send: (request: SendRequest) => Promise<SendOutcome>;
  /** Makes the reserved configurations of an instance if they are missing. */
  readonly prepare: (instance: string) => Promise<void>;
  /** By Ad-token or device id. */
  readonly findDevice: (instance: string, device: string) => Promise<DeviceRecord | null>;
  /** For what is remembered of tasks. */
  readonly store: DocStore;
  /** Devices bound to the user now. */
  readonly devicesOf: (instance: string, user: string) => Promise<readonly DeviceRecord[]>;
  readonly analysis: Pick<Analysis, 'ids' | 'counts' | 'noteTask'>;
  readonly channels: ChannelSending;
  /** Wall clock, ms. */
  readonly now: () => number;
}

export interface Push {
  /** Refuses what could never be pushed, and stores nothing: for pushes that go out later. */
  check(task: PushTask, messages: readonly (Omit<PushMessage, 'target'> & { target?: string })[]): void;
  /**
   * Stores the messages; resolves when all are durable.
   *
   * @returns the task id, decimal text
   * @throws {PushRefusal} before anything is stored; or 9000 when some could not be, and then the
   *   caller may repeat the call: what was stored is not stored again
   */
  toTargets(task: PushTask, messages: readonly PushMessage[]): Promise<string>;
  /** To every device of a platform, those included that connect while it is valid. */
  toAll(task: PushTask, message: Omit<PushMessage, 'target'>): Promise<string>;
}

export function createPush(options: PushOptions): Push {
  return {
    check(task, messages) {
      checkTask(task);
      for (const message of messages) {
        if (message.target) checkName(message.target, 'a target');
        recordOf(options, task, message, taskId(options.now()));
      }
    },
    async toTargets(task, messages) {
      checkTask(task);
      if (messages.length === 0) throw new PushRefusal('3021');
      for (const { target } of messages) checkName(target, 'a target');
      const id = task.id ?? taskId(options.now());
      const addressed: Addressed[] = [];
      for (const message of messages) {
        const owner = await ownerOf(options, task, message.target);
        if (owner === null) continue;
        const { device, ...address } = owner;
        const request = { ...recordOf(options, task, message, id), ...address };
        addressed.push({ request, device, message });
      }
      if (addressed.length === 0) throw new PushRefusal('3054', 'no target is a known device');
      await noteTask(options, task, id, 0);
      const requests = addressed.map(({ request }) => request);
      const outcomes = await sendAll(options, task, id, requests);
      for (const [at, one] of addressed.entries()) {
        const outcome = outcomes[at];
        if (outcome !== undefined) await settle(options, task, id, one, outcome);
      }
      await noteTask(options, task, id, options.now());
      return id;
    },
    async toAll(task, message) {
      checkTask(task);
      const id = task.id ?? taskId(options.now());
      const os = OS_OF[task.deliveryType] ?? 'android';
      const record = recordOf(options, task, message, id);
      const audience = task.login === undefined ? {} : { audience: audienceOf(task.login, options.now()) };
      const request = { ...record, ...audience, biz: PUSH_BIZ.all, global: true, linkToken: '', os };
      await noteTask(options, task, id, 0);
      const [outcome] = await sendAll(options, task, id, [request]);
      if (outcome !== undefined && isNew(outcome)) logPush(options, task, id, request, outcome);
      if (outcome !== undefined && outcome.id !== null && isNew(outcome))
        await options.store.saveDocs([broadcastWrite(task, id, request, message, outcome.id, options.now())]);
      if (os === 'ios' && outcome !== undefined && isNew(outcome))
        await options.channels.withoutChannel(request, outcome, 'IOS');
      await noteTask(options, task, id, options.now());
      return id;
    },
  };
}

/** What a broadcast is managed by (docs/push.md, "Broadcasts"). */
function broadcastWrite(
  { instance }: PushTask,
  taskId: string,
  { validEndMs = 0, thirdMsgId }: Omit<SendRequest, 'biz' | 'linkToken'>,
  { content }: Pick<PushMessage, 'content'>,
  id: number,
  nowMs: number,
): DocWrite {
  const value: BroadcastDocument = {
    ...{ instance, taskId, msgKey: thirdMsgId, title: content.title, id },
    ...{ createdMs: nowMs, sinceMs: nowMs, expiresMs: validEndMs, state: 'live' },
  };
  return { collection: BROADCASTS, key: `${instance}/${taskId}`, value };
}

/** Whom a broadcast is for. */
const OS_OF: Partial<Record<DeliveryType, string>> = {
  [DeliveryType.IOS]: 'ios',
  [DeliveryType.HARMONY]: 'harmony',
};

/** Live Activities have tokens of their own, which no device reports: nothing could be stored of them. */
function checkTask({ deliveryType, expiredSeconds }: PushTask): void {
  if (deliveryType === DeliveryType.ACTIVITY_TOKEN || deliveryType === DeliveryType.ACTIVITY_ID) {
    throw new PushRefusal('3008', 'this server has no APNs channel');
  }
  if (expiredSeconds * 1000 > MAX_RETENTION_MS) {
    throw new PushRefusal('3026', `at most ${MAX_RETENTION_MS / 1000} seconds`);
  }
}

/** Null for a device that was never here: there is no such Ad-token. */
async function ownerOf(
  options: PushOptions,
  task: PushTask,
  target: string,
): Promise<(Pick<SendRequest, 'biz' | 'linkToken'> & Pick<Addressed, 'device'>) | null> {
  if (task.deliveryType === DeliveryType.USER) return { biz: PUSH_BIZ.user, linkToken: target, device: null };
  const device = await options.findDevice(task.instance, target);
  return device === null ? null : { biz: PUSH_BIZ.device, linkToken: device.deviceId, device };
}

/** A message on its way. */
interface Addressed {
  readonly request: SendRequest;
  /** Null for a user. */
  readonly device: DeviceRecord | null;
  readonly message: PushMessage;
}

/** Counts a message that was stored now, and hands it to the channel of a device that has no link. */
async function settle(
  options: PushOptions,
  task: PushTask,
  taskId: string,
  { request, device, message }: Addressed,
  outcome: SendOutcome,
): Promise<void> {
  if (!isNew(outcome)) return;
  const { counts } = options.analysis;
  const kind = task.about?.kind ?? 'SIMPLE';
  logPush(options, task, taskId, request, outcome);
  const count = (os: string, by: { total: number; pushed?: number; noChannel?: number }): void => {
    const platform = platformOf(os);
    counts.add({ instance: task.instance, taskId, kind, platform, channel: ownChannel(platform) }, by);
  };
  if (device === null) {
    const devices = await options.devicesOf(task.instance, message.target);
    for (const { os } of devices) count(os, { total: 1, pushed: 1 });
    if (devices.length === 0) count('', { total: 1, pushed: 1 });
  } else if (hasLink(device)) count(device.os, { total: 1, pushed: 1 });
  else {
    const { state } = await options.channels.toDevice(device, request, outcome, message.content);
    const isTaken = state === 'ChannelAccepted';
    count(device.os, isTaken ? { total: 1, pushed: 1 } : { total: 1, noChannel: 1 });
  }
}

/** For the look-up. */
function logPush(
  { analysis, now }: PushOptions,
  { instance, about }: PushTask,
  taskId: string,
  { linkToken, thirdMsgId, biz, validEndMs = 0 }: SendRequest,
  { id }: SendOutcome,
): void {
  const kind = about?.kind ?? 'SIMPLE';
  const what = { instance, target: linkToken, msgKey: thirdMsgId, biz, id: id ?? 0, taskId, kind };
  analysis.counts.note(logWrites({ ...what, atMs: now(), expiresMs: validEndMs }));
}

/** Stored now, and not when it was first called. */
function isNew({ id, result }: SendOutcome): boolean {
  return id !== null && result !== 'DUPLICATED_BIZ_ID';
}

/** Only the pushes that the analysis lists. */
async function noteTask(options: PushOptions, task: PushTask, id: string, endedMs: number): Promise<void> {
  const { about, instance } = task;
  if (about?.kind !== 'MULTIPLE' && about?.kind !== 'BROADCAST') return;
  await options.analysis.noteTask({ instance, taskId: id, ...about, endedMs });
}

function checkName(name: string, what: string): void {
  if (!isUsableName(name))
    throw new PushRefusal('3028', `${what} is empty, too long or has control characters`);
}

/** The record of a message, but for its stream. */
function recordOf(
  options: PushOptions,
  task: PushTask,
  message: Omit<PushMessage, 'target'>,
  taskId: string,
): Omit<SendRequest, 'biz' | 'linkToken'> {
  checkName(message.msgKey, 'a business message id');
  if (message.msgKey.startsWith(REVOCATION_PREFIX))
    throw new PushRefusal('3028', `a business message id begins with ${REVOCATION_PREFIX}`);
  const extended = checkExtended(new Map([...task.extended, ...message.extended]));
  return {
    instance: task.instance,
    global: false,
    thirdMsgId: message.msgKey,
    payload: messageBody(
      options.analysis.ids.make(task.instance, {
        taskId,
        kind: task.about?.kind ?? 'SIMPLE',
        reported: false,
      }),
      { ...message.content, params: extended.own },
    ),
    binary: false,
    ...boundsOf(extended),
    validEndMs: options.now() + task.expiredSeconds * 1000,
  };
}

function boundsOf({
  minVersion,
  maxVersion,
}: CheckedExtended): Pick<SendRequest, 'minVersion' | 'maxVersion'> {
  return {
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
  };
}

/** An operator switches an app's push API off by taking the reserved configuration offline. */
async function sendAll(
  options: PushOptions,
  { instance, asTask }: PushTask,
  id: string,
  requests: readonly SendRequest[],
): Promise<readonly SendOutcome[]> {
  await options.prepare(instance);
  const noted =
    asTask === true ? options.store.saveDocs([taskWrite(instance, id, requests, options.now())]) : null;
  const [outcomes] = await Promise.all([
    Promise.all(requests.map((request) => options.send(request))),
    noted?.catch(asRefusal),
  ]);
  const results = new Set(outcomes.map(({ result }) => result));
  if (results.has('SYSTEM_ERROR')) throw new PushRefusal('9000');
  if (results.has('BIZ_NOT_ONLINE')) throw new PushRefusal('3032');
  return outcomes;
}

function asRefusal(error: unknown): never {
  if (error instanceof StoreUnavailable) throw new PushRefusal('9000');
  throw error;
}

/** 16 digits that a client still reads as an exact number: the ms and three random digits. */
export function taskId(nowMs: number): string {
  return String(Math.floor(nowMs) * 1000 + randomInt(1000));
}
