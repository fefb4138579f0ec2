/**
 * Channels of vendors: how a push reaches a device that has no connection of its own to this server.
 * A driver speaks to one of them; without one, a push for such a device ends as `NoChannel`.
 */

/** As the analysis names them. */
export type ChannelName = 'IOS' | 'FCM' | 'HMS' | 'MIUI' | 'OPPO' | 'VIVO' | 'HARMONYOS';

export interface ChannelPush {
  readonly instance: string;
  /** The device's token in the channel. */
  readonly token: string;
  /** Business message id. */
  readonly msgKey: string;
  readonly title: string;
  readonly content: string;
  /** What the app gets: JSON text of `k` and `bData`. */
  readonly body: string;
  /** Wall-clock ms after which it is of no use. */
  readonly expiresMs: number;
}

/** States of the vendor's console: mPaaS MPS guide, 7. */
export type ChannelRefusal = 'BadDeviceToken' | 'DeviceTokenNotForTopic' | 'ConnClosed';

export type ChannelResult =
  | { readonly status: 'accepted' }
  | { readonly status: 'refused'; readonly reason: ChannelRefusal };

export interface Channel {
  readonly name: ChannelName;
  /** One push. Rejects when the vendor did not answer: that ends it as `ConnClosed`. */
  send(push: ChannelPush): Promise<ChannelResult>;
}

export type Channels = ReadonlyMap<ChannelName, Channel>;

/** Until drivers exist. */
export const NO_CHANNELS: Channels = new Map();
