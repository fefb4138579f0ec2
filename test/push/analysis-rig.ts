/** What pushes need beside a store: the analysis, vendor tokens and channels, all over that store. */
import type { Channel, Channels } from '../../src/channels/port.js';
import type { Store } from '../../src/core/ports.js';
import { startAnalysis } from '../../src/push/analysis/index.js';
import { type ChannelEnd, createChannelSending } from '../../src/push/channel-sending.js';
import { createDeviceTokens } from '../../src/push/device-tokens.js';
import { decodeOplogBody } from '../../src/wire/frames.js';

/** Documents are written when the test flushes. */
export async function analysisRig(store: Store, now: () => number, vendors: readonly Channel[] = []) {
  const ends: ChannelEnd[] = [];
  const counted: string[] = [];
  const tokens = createDeviceTokens(store, now);
  const analysis = await startAnalysis({
    store,
    timeZone: 'Asia/Shanghai',
    payloadOf: (body) => decodeOplogBody(body).payload,
    now,
    flushMs: 3_600_000,
    onCounted: (kind) => void counted.push(kind),
    onError: (error) => {
      throw error;
    },
  });
  const channels = createChannelSending({
    channels: new Map(vendors.map((channel) => [channel.name, channel])) satisfies Channels,
    tokens,
    onEnd: async (end) => void ends.push(end),
    now,
  });
  return { analysis, channels, tokens, ends, counted, devicesOf: async () => [] };
}
