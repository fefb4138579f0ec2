/** Pushes to devices that only a vendor's channel reaches: they end at once, in a named state. */
import type { ChannelName, ChannelRefusal, Channels } from '../channels/port.js';
import type { SendOutcome, SendRequest } from '../core/delivery.js';
import type { DeviceRecord } from '../core/model.js';
import { normalizeOs } from '../core/targeting.js';
import type { DeviceToken, DeviceTokens } from './device-tokens.js';
import type { PushContent } from './message.js';

/** How such a push ended; `ChannelAccepted` is the vendor's word that it took it. */
export type ChannelState = 'ChannelAccepted' | 'NoChannel' | ChannelRefusal;

export interface ChannelEnd {
  readonly request: SendRequest;
  /** Id of the record that stands for it in the device's stream. */
  readonly id: number;
  /** Null for a broadcast. */
  readonly device: DeviceRecord | null;
  readonly state: ChannelState;
  readonly channel: ChannelName | '';
}

export interface ChannelSendingOptions {
  readonly channels: Channels;
  readonly tokens: Pick<DeviceTokens, 'of'>;
  /** Told of each end: timeline and receipts. */
  readonly onEnd: (end: ChannelEnd) => Promise<void>;
  /** Wall clock, ms. */
  readonly now: () => number;
}

export interface ChannelSending {
  /** Sends what was stored for such a device. */
  toDevice(
    device: DeviceRecord,
    request: SendRequest,
    outcome: SendOutcome,
    content: Pick<PushContent, 'title' | 'content'>,
  ): Promise<ChannelEnd>;
  /** Says of a push for many that those whom only this channel reaches do not get it. */
  withoutChannel(request: SendRequest, outcome: SendOutcome, channel: ChannelName): Promise<void>;
}

const CHANNEL_OF_VENDOR: Readonly<Record<string, ChannelName>> = {
  xiaomi: 'MIUI',
  huawei: 'HMS',
  oppo: 'OPPO',
  vivo: 'VIVO',
  fcm: 'FCM',
  apns: 'IOS',
  harmony: 'HARMONYOS',
};

/** A device that has never been connected has no key: it is known by its report only. */
export function hasLink({ keyHash }: DeviceRecord): boolean {
  return keyHash.some((byte) => byte !== 0);
}

/** The key hash of a device that was never connected: nothing has it. */
export const NO_KEY = new Uint8Array(32);

export function createChannelSending(options: ChannelSendingOptions): ChannelSending {
  const attempt = async (
    device: DeviceRecord,
    request: SendRequest,
    { title, content }: Pick<PushContent, 'title' | 'content'>,
  ): Promise<Pick<ChannelEnd, 'state' | 'channel'>> => {
    const reported = await options.tokens.of(device.instance, device.deviceId);
    const name = channelOf(device, reported);
    const channel = name === '' ? undefined : options.channels.get(name);
    if (channel === undefined) return { state: 'NoChannel', channel: name };
    const push = {
      instance: device.instance,
      token: reported?.token || device.deviceId,
      msgKey: request.thirdMsgId,
      title,
      content,
      body: Buffer.from(request.payload).toString('utf8'),
      expiresMs: request.validEndMs ?? options.now(),
    };
    const result = await channel.send(push).catch(() => null);
    if (result === null) return { state: 'ConnClosed', channel: name };
    return { state: result.status === 'accepted' ? 'ChannelAccepted' : result.reason, channel: name };
  };
  return {
    async toDevice(device, request, { id }, content) {
      const end = { request, id: id ?? 0, device, ...(await attempt(device, request, content)) };
      await options.onEnd(end);
      return end;
    },
    async withoutChannel(request, { id }, channel) {
      if (options.channels.has(channel)) return;
      await options.onEnd({ request, id: id ?? 0, device: null, state: 'NoChannel', channel });
    },
  };
}

function channelOf({ os }: DeviceRecord, reported: DeviceToken | null): ChannelName | '' {
  const byVendor = CHANNEL_OF_VENDOR[reported?.vendor ?? ''];
  if (byVendor !== undefined) return byVendor;
  switch (normalizeOs(os)) {
    case 'ios':
      return 'IOS';
    case 'harmony':
      return 'HARMONYOS';
    default:
      return '';
  }
}
