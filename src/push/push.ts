/** Pushes of message push: from a checked call to records on the reserved streams. */
import { randomInt } from 'node:crypto';
import type { SendOutcome, SendRequest } from '../core/delivery.js';
import { type DeviceRecord, MAX_RETENTION_MS } from '../core/model.js';
import { type DocStore, StoreUnavailable } from '../core/ports.js';
import { PUSH_BIZ } from '../core/push-streams.js';
import { REVOCATION_PREFIX } from '../core/revocation.js';
import { PushRefusal } from './codes.js';
import { type CheckedExtended, checkExtended } from './extended.js';
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
  /** All of it can be taken back by the task id. */
  readonly asTask?: boolean;
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
        recordOf(options, task, message);
      }
    },
    async toTargets(task, messages) {
      checkTask(task);
      if (messages.length === 0) throw new PushRefusal('3021');
      for (const { target } of messages) checkName(target, 'a target');
      const requests: SendRequest[] = [];
      for (const message of messages) {
        const owner = await ownerOf(options, task, message.target);
        if (owner !== null) requests.push({ ...recordOf(options, task, message), ...owner });
      }
      if (requests.length === 0) throw new PushRefusal('3054', 'no target is a known device');
      return sendAll(options, task, requests);
    },
    async toAll(task, message) {
      checkTask(task);
      const os = task.deliveryType === DeliveryType.HARMONY ? 'harmony' : 'android';
      const record = recordOf(options, task, message);
      const request = { ...record, biz: PUSH_BIZ.all, global: true, linkToken: '', os };
      return sendAll(options, task, [request]);
    },
  };
}

/** iPhones are reached through APNs only, which this server does not speak: said, and not passed over. */
function checkTask({ deliveryType, expiredSeconds }: PushTask): void {
  const { IOS, ACTIVITY_TOKEN, ACTIVITY_ID } = DeliveryType;
  if (deliveryType === IOS || deliveryType === ACTIVITY_TOKEN || deliveryType === ACTIVITY_ID) {
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
): Promise<Pick<SendRequest, 'biz' | 'linkToken'> | null> {
  if (task.deliveryType === DeliveryType.USER) return { biz: PUSH_BIZ.user, linkToken: target };
  const device = await options.findDevice(task.instance, target);
  return device === null ? null : { biz: PUSH_BIZ.device, linkToken: device.deviceId };
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
): Omit<SendRequest, 'biz' | 'linkToken'> {
  checkName(message.msgKey, 'a business message id');
  if (message.msgKey.startsWith(REVOCATION_PREFIX))
    throw new PushRefusal('3028', `a business message id begins with ${REVOCATION_PREFIX}`);
  const extended = checkExtended(new Map([...task.extended, ...message.extended]));
  return {
    instance: task.instance,
    global: false,
    thirdMsgId: message.msgKey,
    payload: messageBody({ ...message.content, params: extended.own }),
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
  requests: readonly SendRequest[],
): Promise<string> {
  await options.prepare(instance);
  const id = taskId(options.now());
  const noted =
    asTask === true ? options.store.saveDocs([taskWrite(instance, id, requests, options.now())]) : null;
  const [outcomes] = await Promise.all([
    Promise.all(requests.map((request) => options.send(request))),
    noted?.catch(asRefusal),
  ]);
  const results = new Set(outcomes.map(({ result }) => result));
  if (results.has('SYSTEM_ERROR')) throw new PushRefusal('9000');
  if (results.has('BIZ_NOT_ONLINE')) throw new PushRefusal('3032');
  return id;
}

function asRefusal(error: unknown): never {
  if (error instanceof StoreUnavailable) throw new PushRefusal('9000');
  throw error;
}

/** 16 digits that a client still reads as an exact number: the ms and three random digits. */
export function taskId(nowMs: number): string {
  return String(Math.floor(nowMs) * 1000 + randomInt(1000));
}
