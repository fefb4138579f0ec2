/**
 * Messages between nodes, over Redis pub/sub: one channel a node. They come at most once. What must
 * arrive also goes into the mailbox of the node, a list that it reads before every renewal of its
 * lease: who has a lease has read its mail.
 */
import type { ClusterKeys, ClusterLinks } from './links.js';
import { decodeMessages, encodeMessages, type NodeMessage } from './messages.js';
import { refuse } from './scripts.js';

/** Mail that nobody has read for so long was for a node that is gone. */
const MAIL_LIFE_MS = 60_000;
const MAIL_AT_ONCE = 1000;
const SUBSCRIBE_MS = 10_000;
const SUBSCRIBE_PAUSE_MS = 50;
/** Wakes that wait for one node while Redis does not take them; more are dropped. */
const MAX_WAITING = 20_000;

export interface ChannelStats {
  readonly sent: number;
  readonly received: number;
  /** Not sent because too much waited, or because Redis did not take it. */
  readonly dropped: number;
}

export interface Channel {
  /** Sends with the others of this turn; may be lost. */
  send(member: string, message: NodeMessage): void;
  /** Sends at once, and into the mailbox. Rejects when the mailbox could not be written. */
  post(member: string, message: NodeMessage): Promise<void>;
  /** Takes what lies in the own mailbox. */
  readMail(): Promise<void>;
  stats(): ChannelStats;
  close(): Promise<void>;
}

export interface ChannelOptions {
  readonly links: ClusterLinks;
  readonly keys: ClusterKeys;
  /** The own member. */
  readonly self: string;
  readonly onMessage: (message: NodeMessage) => void;
  readonly onError: (error: unknown) => void;
}

/** Resolves when the own channel is subscribed to. */
export async function openChannel(options: ChannelOptions): Promise<Channel> {
  const { links, keys, self, onMessage } = options;
  const { client, subscriber, sharded } = links;
  const counts = { sent: 0, received: 0, dropped: 0 };
  let waiting = new Map<string, NodeMessage[]>();
  let underWay = 0;
  let closed = false;

  const take = (text: string): void => {
    for (const message of decodeMessages(text)) {
      counts.received += 1;
      try {
        onMessage(message);
      } catch (error) {
        options.onError(error);
      }
    }
  };
  const listen = (_channel: string, text: string): void => {
    if (!closed) take(text);
  };
  const own = keys.channel(self);
  subscriber.on(sharded ? 'smessage' : 'message', listen);
  await subscribed(() => (sharded ? subscriber.ssubscribe(own) : subscriber.subscribe(own)));

  const publish = async (member: string, messages: readonly NodeMessage[]): Promise<void> => {
    const channel = keys.channel(member);
    const text = encodeMessages(messages);
    underWay += messages.length;
    try {
      await (sharded ? client.spublish(channel, text) : client.publish(channel, text));
      counts.sent += messages.length;
    } catch {
      // A hint: whoever misses it finds out by itself.
      counts.dropped += messages.length;
    } finally {
      underWay -= messages.length;
    }
  };
  const flush = (): void => {
    const batches = waiting;
    waiting = new Map();
    for (const [member, messages] of batches) void publish(member, messages);
  };

  return {
    send(member, message) {
      const queue = waiting.get(member);
      if (underWay + (queue?.length ?? 0) >= MAX_WAITING) {
        counts.dropped += 1;
        return;
      }
      if (waiting.size === 0) setImmediate(flush);
      if (queue === undefined) waiting.set(member, [message]);
      else queue.push(message);
    },
    async post(member, message) {
      const key = keys.mail(member);
      void publish(member, [message]);
      await client.rpush(key, encodeMessages([message])).catch(refuse);
      await client.pexpire(key, MAIL_LIFE_MS);
    },
    async readMail() {
      for (;;) {
        const mail = (await client.lpop(keys.mail(self), MAIL_AT_ONCE)) ?? [];
        mail.forEach(take);
        if (mail.length < MAIL_AT_ONCE) return;
      }
    },
    stats: () => ({ ...counts }),
    async close() {
      closed = true;
      subscriber.off(sharded ? 'smessage' : 'message', listen);
      await (sharded ? subscriber.sunsubscribe(own) : subscriber.unsubscribe(own)).catch(() => {});
    },
  };
}

/** The connection may still be on its way; afterwards it subscribes again by itself. */
async function subscribed(subscribe: () => Promise<unknown>): Promise<void> {
  const end = performance.now() + SUBSCRIBE_MS;
  for (;;) {
    try {
      await subscribe();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, SUBSCRIBE_PAUSE_MS));
    }
  }
}
