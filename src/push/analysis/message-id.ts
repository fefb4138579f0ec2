/**
 * Ids of messages as the app sees them (`k`): 32 hex characters that say which push a report is about,
 * so that nothing has to be looked up and nothing made up is counted.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { DocStore } from '../../core/ports.js';

/** Kinds of pushes that are counted apart; the first four are those of the vendor's analysis. */
export const PUSH_KINDS = ['SIMPLE', 'TEMPLATE', 'MULTIPLE', 'BROADCAST', 'MOBILE'] as const;
export type CountedKind = (typeof PUSH_KINDS)[number];

/** What an id says. */
export interface MessageOrigin {
  readonly taskId: string;
  readonly kind: CountedKind;
  /** Its arrival is not seen in the acknowledgements of a stream, but reported by the device. */
  readonly reported: boolean;
}

export interface MessageIds {
  make(instance: string, origin: MessageOrigin): string;
  /** Null for what was not made for this instance. */
  read(instance: string, id: string): MessageOrigin | null;
}

const COLLECTION = 'push-message-keys';
const KEY_BYTES = 32;
/** Processes that begin at once may each make a key: all of them count. */
const MAX_KEYS = 16;
const TASK_DIGITS = 13;
const REPORTED = 8;
const RANDOM_BYTES = 4;
const MAC_DIGITS = 10;
const ID = /^[0-9a-f]{32}$/;

/** Reads the keys, and makes one when there is none. */
export async function openMessageIds(store: DocStore): Promise<MessageIds> {
  if ((await store.docs(COLLECTION, '', 1)).length === 0) {
    const key = randomBytes(KEY_BYTES).toString('hex');
    await store.saveDocs([{ collection: COLLECTION, key: randomBytes(8).toString('hex'), value: key }]);
  }
  const read = async (): Promise<Buffer[]> =>
    (await store.docs(COLLECTION, '', MAX_KEYS)).map(({ value }) => Buffer.from(String(value), 'hex'));
  let keys = await read();
  // Another process that began at the same time may have written its key after this one looked.
  setTimeout(
    () =>
      void read()
        .then((found) => (keys = found))
        .catch(() => undefined),
    5000,
  ).unref();
  return {
    make(instance, { taskId, kind, reported }) {
      const number = Number(taskId).toString(16).padStart(TASK_DIGITS, '0');
      const flags = (PUSH_KINDS.indexOf(kind) + (reported ? REPORTED : 0)).toString(16);
      const open = number + flags + randomBytes(RANDOM_BYTES).toString('hex');
      return open + macOf(keys[0], instance, open);
    },
    read(instance, id) {
      if (!ID.test(id)) return null;
      const open = id.slice(0, -MAC_DIGITS);
      const mac = Buffer.from(id.slice(-MAC_DIGITS));
      const isOurs = keys.some((key) => timingSafeEqual(mac, Buffer.from(macOf(key, instance, open))));
      const flags = Number.parseInt(id[TASK_DIGITS] ?? '0', 16);
      const kind = PUSH_KINDS[flags & (REPORTED - 1)];
      if (!isOurs || kind === undefined) return null;
      const taskId = String(Number.parseInt(id.slice(0, TASK_DIGITS), 16));
      return { taskId, kind, reported: flags >= REPORTED };
    },
  };
}

function macOf(key: Buffer | undefined, instance: string, open: string): string {
  return createHmac('sha256', key ?? '')
    .update(`${instance}\0${open}`)
    .digest('hex')
    .slice(0, MAC_DIGITS);
}

/** When the push of a task began, ms. */
export function taskMs(taskId: string): number {
  return Math.floor(Number(taskId) / 1000);
}
