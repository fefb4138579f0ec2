/** Pushes of Mobile Push: its OpenAPI, version 2015-08-27. */
import type { SendOutcome, SendRequest } from '../core/delivery.js';
import type { DeviceRecord } from '../core/model.js';
import { PUSH_BIZ, type PushBiz } from '../core/push-streams.js';
import type { Aliases } from './aliases.js';
import { ownChannel, platformOf } from './analysis/counts.js';
import type { Analysis } from './analysis/index.js';
import { type ChannelSending, hasLink } from './channel-sending.js';
import { messageBody } from './message.js';
import { isUsableName } from './names.js';
import { taskId } from './push.js';
import { matchesTags, parseTagExpression, type TagExpression, TagExpressionError } from './tag-expression.js';
import type { TagClient, Tags } from './tags.js';

export const MAX_MOBILE_TARGETS = 100;
export const MAX_STORED_MS = 72 * 3_600_000;
/** A push that is not stored and has its own time waits so long for the device. */
const LIVE_MS = 60_000;
const MAX_DELAY_MS = 30 * 86_400_000 - MAX_STORED_MS;
/** Clients of one tag that a push reaches at most; more are refused, not left out. */
const MAX_TAG_CLIENTS = 100_000;
const SEND_AT_ONCE = 500;

export type MobileTarget = 'device' | 'account' | 'alias' | 'tag' | 'all';

export interface MobilePush {
  readonly instance: string;
  readonly target: MobileTarget;
  readonly targetValue: string;
  /** Only devices of this system, or all. */
  readonly os: 'android' | 'ios' | null;
  readonly title: string;
  readonly body: string;
  /** 0 web address, 1 activity. */
  readonly action: number;
  readonly uri: string;
  readonly silent: boolean;
  /** What else the app gets, by name. */
  readonly params: ReadonlyMap<string, string>;
  /** Kept for devices that are offline. */
  readonly stored: boolean;
  /** When to send, or null for now. */
  readonly sendMs: number | null;
  /** Until when it is kept, or null for the longest. */
  readonly expireMs: number | null;
}

/** A parameter that cannot be used. */
export class MobileRefusal extends Error {
  override readonly name = 'MobileRefusal';
  readonly parameter: string;

  constructor(parameter: string) {
    super(parameter);
    this.parameter = parameter;
  }
}

/** The store did not take all of it. */
export class MobileUnavailable extends Error {
  override readonly name = 'MobileUnavailable';
}

/** An operator has taken the reserved configuration offline. */
export class MobileSwitchedOff extends Error {
  override readonly name = 'MobileSwitchedOff';
}

export interface MobileOptions {
  readonly send: (request: SendRequest) => Promise<SendOutcome>;
  /** Makes the reserved configurations of an instance if they are missing. */
  readonly prepare: (instance: string) => Promise<void>;
  /** By Ad-token or device id. */
  readonly findDevice: (instance: string, device: string) => Promise<DeviceRecord | null>;
  readonly tags: Pick<Tags, 'clients' | 'of'>;
  readonly aliases: Pick<Aliases, 'devices'>;
  readonly analysis: Pick<Analysis, 'ids' | 'counts'>;
  readonly channels: ChannelSending;
  /** Wall clock, ms. */
  readonly now: () => number;
}

/** Sends a push; resolves with its id when it is durable, or, not stored, with the live sessions. */
export type SendMobile = (push: MobilePush) => Promise<string>;

/** The returned function throws {@link MobileRefusal}, {@link MobileUnavailable} and {@link MobileSwitchedOff}. */
export function createMobilePush(options: MobileOptions): SendMobile {
  return async (push) => {
    const nowMs = options.now();
    const times = timesOf(push, nowMs);
    const owners = await ownersOf(options, push);
    await options.prepare(push.instance);
    const id = taskId(nowMs);
    const live = !push.stored && push.sendMs === null;
    const record = {
      instance: push.instance,
      thirdMsgId: `mobile-${id}`,
      payload: messageBody(
        options.analysis.ids.make(push.instance, { taskId: id, kind: 'MOBILE', reported: live }),
        { ...push, content: push.body, style: 0, imageUrls: '', iconUrls: '' },
      ),
      binary: false,
      ...(push.os === null ? {} : { os: push.os }),
      ...times,
    };
    for (let at = 0; at < owners.length; at += SEND_AT_ONCE) {
      const some = owners.slice(at, at + SEND_AT_ONCE);
      const batch = some.map(({ kind, linkToken }) => ({
        ...record,
        biz: bizOf(kind, live),
        global: kind === 'all',
        linkToken,
      }));
      const outcomes = await Promise.all(batch.map((request) => options.send(request)));
      if (outcomes.some(({ result }) => result === 'SYSTEM_ERROR')) throw new MobileUnavailable();
      if (outcomes.some(({ result }) => result === 'BIZ_NOT_ONLINE')) throw new MobileSwitchedOff();
      for (const [index, owner] of some.entries()) {
        const [request, outcome] = [batch[index], outcomes[index]];
        if (request !== undefined && outcome !== undefined)
          await settle(options, push, id, owner, request, outcome);
      }
    }
    return id;
  };
}

/** Counts one target, and hands it to the channel of a device that has no link. */
async function settle(
  options: MobileOptions,
  push: MobilePush,
  taskId: string,
  { device }: Owner,
  request: SendRequest,
  outcome: SendOutcome,
): Promise<void> {
  const platform = platformOf(device?.os ?? push.os ?? '');
  const what = {
    instance: push.instance,
    taskId,
    kind: 'MOBILE',
    platform,
    channel: ownChannel(platform),
  } as const;
  const isMeant = push.os === null || platform === platformOf(push.os);
  if (device !== null && isMeant && !hasLink(device)) {
    const content = { title: push.title, content: push.body };
    const { state } = await options.channels.toDevice(device, request, outcome, content);
    const isTaken = state === 'ChannelAccepted';
    options.analysis.counts.add(what, isTaken ? { total: 1, pushed: 1 } : { total: 1, noChannel: 1 });
    return;
  }
  const isNotice = !push.silent;
  if (device === null && isNotice && push.os !== 'android')
    await options.channels.withoutChannel(request, outcome, 'IOS');
  options.analysis.counts.add(what, { total: 1, pushed: 1 });
}

function timesOf(push: MobilePush, nowMs: number): Pick<SendRequest, 'validStartMs' | 'validEndMs'> {
  const startMs = Math.max(push.sendMs ?? nowMs, nowMs);
  if (startMs - nowMs > MAX_DELAY_MS) throw new MobileRefusal('PushTime');
  const latestMs = startMs + MAX_STORED_MS;
  const endMs = push.expireMs ?? latestMs;
  if (push.stored && (endMs <= startMs || endMs > latestMs)) throw new MobileRefusal('ExpireTime');
  return {
    ...(startMs > nowMs ? { validStartMs: startMs } : {}),
    validEndMs: push.stored ? endMs : startMs + LIVE_MS,
  };
}

interface Owner {
  readonly kind: 'device' | 'user' | 'all';
  readonly linkToken: string;
  /** Null for users and for all. */
  readonly device: DeviceRecord | null;
}

function bizOf(kind: Owner['kind'], live: boolean): PushBiz {
  switch (kind) {
    case 'device':
      return live ? PUSH_BIZ.liveDevice : PUSH_BIZ.device;
    case 'user':
      return live ? PUSH_BIZ.liveUser : PUSH_BIZ.user;
    case 'all':
      return live ? PUSH_BIZ.liveAll : PUSH_BIZ.all;
  }
}

async function ownersOf(options: MobileOptions, push: MobilePush): Promise<Owner[]> {
  const { instance, target, targetValue } = push;
  switch (target) {
    case 'all':
      return [{ kind: 'all', linkToken: '', device: null }];
    case 'tag':
      return clientOwners(options, instance, await taggedClients(options, instance, targetValue));
    case 'device':
      return clientOwners(options, instance, clients('device', targetValue));
    case 'account':
      return clientOwners(options, instance, clients('account', targetValue));
    case 'alias':
      return clientOwners(options, instance, await aliasDevices(options, instance, targetValue));
  }
}

function clients(kind: TagClient['kind'], targetValue: string): TagClient[] {
  const names = targetValue.split(',').map((name) => name.trim());
  const kept = [...new Set(names.filter((name) => name !== ''))];
  const usable =
    kept.length > 0 && kept.length <= MAX_MOBILE_TARGETS && kept.every((name) => isUsableName(name));
  if (!usable) throw new MobileRefusal('TargetValue');
  return kept.map((name) => ({ kind, name }));
}

/** A device that has several of the aliases gets the push once. */
async function aliasDevices(
  options: MobileOptions,
  instance: string,
  targetValue: string,
): Promise<TagClient[]> {
  const aliases = clients('device', targetValue);
  const devices = await Promise.all(aliases.map(({ name }) => options.aliases.devices(instance, name)));
  return [...new Set(devices.flat())].map((name) => ({ kind: 'device', name }));
}

/** Devices that were never here are passed over: nothing can reach them. */
async function clientOwners(
  options: MobileOptions,
  instance: string,
  list: readonly TagClient[],
): Promise<Owner[]> {
  const owners: Owner[] = [];
  for (const { kind, name } of list) {
    if (kind === 'account') owners.push({ kind: 'user', linkToken: name, device: null });
    else {
      const device = await options.findDevice(instance, name);
      if (device !== null) owners.push({ kind: 'device', linkToken: device.deviceId, device });
    }
  }
  return owners;
}

async function taggedClients(options: MobileOptions, instance: string, text: string): Promise<TagClient[]> {
  const expression = readExpression(text);
  const wanted = positiveTags(expression);
  // Whoever has none of its tags can be meant by a pure "not" only, and nobody has a list of those.
  if (wanted === null) throw new MobileRefusal('TargetValue');
  const candidates = new Map<string, TagClient>();
  for (const tag of wanted) {
    const found = await options.tags.clients(instance, tag, MAX_TAG_CLIENTS + 1);
    if (found.length > MAX_TAG_CLIENTS) throw new MobileRefusal('TargetValue');
    for (const client of found) candidates.set(`${client.kind} ${client.name}`, client);
  }
  const matching: TagClient[] = [];
  for (const client of candidates.values()) {
    const tags = new Set(await options.tags.of(instance, client));
    if (matchesTags(expression, tags)) matching.push(client);
  }
  return matching;
}

function readExpression(text: string): TagExpression {
  try {
    return parseTagExpression(text);
  } catch (error) {
    if (error instanceof TagExpressionError) throw new MobileRefusal('TargetValue');
    throw error;
  }
}

/** Tags of which everyone meant has one; null when there is no such set. */
function positiveTags(expression: TagExpression): readonly string[] | null {
  switch (expression.kind) {
    case 'tag':
      return [expression.tag];
    case 'not':
      return null;
    case 'and':
      return expression.operands.map(positiveTags).find((tags) => tags !== null) ?? null;
    case 'or': {
      const sets = expression.operands.map(positiveTags);
      return sets.some((tags) => tags === null) ? null : sets.flatMap((tags) => tags ?? []);
    }
  }
}
