/** Receipts put together: what pushes, progress and the clock tell them, and what they send. */
import type { SendOutcome, SendRequest } from '../../core/delivery.js';
import { MAX_RETENTION_MS } from '../../core/model.js';
import { type Store, StoreUnavailable } from '../../core/ports.js';
import { PUSH_BIZ } from '../../core/push-streams.js';
import { startTicker, type Ticker } from '../../ticker.js';
import type { ChannelEnd } from '../channel-sending.js';
import { type EndedPush, hasReceipts, receipt } from './acks.js';
import { createEndings } from './endings.js';
import {
  createReceiptQueue,
  type DeadReceipt,
  type QueueLimits,
  type ReceiptQueue,
  type ReceiptResult,
} from './queue.js';
import { type Receipt, receiptBody, receiptUrl, signReceipt, testReceipt } from './receipt.js';

/** Where and how an instance wants its receipts. */
export interface CallbackTarget {
  readonly url: string;
  /** PEM. */
  readonly privateKey: string;
  /** Origins that may be called although they are not public https. */
  readonly allow: readonly string[];
}

/** Posts a body; rejects unless the answer is a 2xx. */
export type Post = (url: string, body: string, allow: readonly string[]) => Promise<void>;

export interface ReceiptsOptions extends QueueLimits {
  readonly store: Store;
  /** Null while it has no address. @throws when the key cannot be opened */
  readonly target: (instance: string) => CallbackTarget | null;
  readonly isOn: (instance: string) => boolean;
  readonly instances: () => readonly string[];
  readonly devicesOf: (instance: string, user: string) => Promise<readonly string[]>;
  readonly post: Post;
  readonly everyMs: number;
  readonly settleMs: number;
  /** Wall clock, ms. */
  readonly now: () => number;
  /** While the date is in doubt nothing is taken for ended. */
  readonly isClockHeld: () => boolean;
  /** Other nodes share the store. One of all sends what all of them add. */
  readonly shared: boolean;
  /** Whether sending, and telling of what ended, is the work of this node. */
  readonly leads: () => Promise<boolean>;
  readonly onResult: (result: ReceiptResult, count: number) => void;
  readonly onError: (error: unknown) => void;
}

export interface TestResult {
  readonly ok: boolean;
  readonly tookMs: number;
  /** Why it failed; else empty. */
  readonly error: string;
  readonly url: string;
  readonly body: string;
}

export interface Receipts {
  /** After each accepted push: for an instance with receipts its end is noted. */
  onSend(request: SendRequest, outcome: SendOutcome): Promise<void>;
  /** Before the progress that ends them is written: what was ended becomes receipts. Never rejects. */
  onEnded(ended: readonly EndedPush[]): Promise<void>;
  /** A push to a device that only a vendor's channel reaches has ended. Never rejects. */
  onChannelEnd(end: ChannelEnd): Promise<void>;
  /** Whether an instance wants receipts of such pushes. */
  wants(instance: string, biz: string): boolean;
  /** One call with a made-up receipt, whether receipts are on or off. Null without an address. */
  test(instance: string): Promise<TestResult | null>;
  /** Receipts that were given up; the newest first. */
  dead(instance: string): Promise<DeadReceipt[]>;
  waiting(): number;
  stop(): Promise<void>;
}

/** How often a node asks whether it is the one that sends, and looks for what others have added. */
const TAKE_UP_EVERY_MS = 500;

/** Takes up what waits in the store. */
export async function startReceipts(options: ReceiptsOptions): Promise<Receipts> {
  const { now, isOn } = options;
  const deliver = async (receipt: Receipt): Promise<void> => {
    const target = options.target(receipt.instance);
    if (target === null) throw new Error('the instance has no callback address');
    const body = receiptBody(receipt);
    await options.post(receiptUrl(target.url, signReceipt(body, target.privateKey)), body, target.allow);
  };
  const queue = createReceiptQueue({ ...options, deliver });
  const endings = createEndings({ ...options, add: queue.add });
  const failed = (error: unknown): void => {
    if (!(error instanceof StoreUnavailable)) options.onError(error);
  };
  const settle = async (): Promise<undefined> => {
    if (options.isClockHeld() || !(await options.leads())) return;
    while (await endings.settle());
  };
  const settling = startTicker(options.everyMs, settle, failed);
  const taking = options.shared ? takeUp(options, queue, failed) : null;
  if (!options.shared) await queue.resume(options.instances());
  return {
    async onSend(request, { id }) {
      const { instance, biz, linkToken, thirdMsgId } = request;
      if (id === null || !hasReceipts(biz) || !isOn(instance)) return;
      const kind = biz === PUSH_BIZ.user ? 'u' : 'd';
      const stream = { instance, kind, owner: linkToken, biz } as const;
      const expiresMs = request.validEndMs ?? now() + MAX_RETENTION_MS;
      // The push is stored: without this note it only ends without a receipt.
      await endings.note({ stream, id, msgId: thirdMsgId, expiresMs }).catch(failed);
    },
    wants: (instance, biz) => hasReceipts(biz) && isOn(instance),
    async onEnded(ended) {
      try {
        const receipts = ended
          .filter(({ stream }) => hasReceipts(stream.biz) && isOn(stream.instance))
          .map(({ stream, oplog, device, status }) => receipt(stream, oplog, device, status));
        if (receipts.length > 0) await queue.add(receipts);
      } catch (error) {
        failed(error);
      }
    },
    async onChannelEnd({ request, id, device, state }) {
      const { instance, biz, linkToken, thirdMsgId } = request;
      if (device === null || id === 0 || !hasReceipts(biz) || !isOn(instance)) return;
      const stream = { instance, kind: biz === PUSH_BIZ.user ? 'u' : 'd', owner: linkToken, biz } as const;
      await queue.add([receipt(stream, { id, thirdMsgId }, device, state)]).catch(failed);
    },
    async test(instance) {
      const target = options.target(instance);
      if (target === null) return null;
      const sample = testReceipt(instance, now());
      const shown = { url: target.url, body: receiptBody(sample) };
      const startMs = performance.now();
      const error = await deliver(sample).then(
        () => '',
        (reason: unknown) => (reason instanceof Error ? reason.message : String(reason)),
      );
      return { ok: error === '', tookMs: Math.round(performance.now() - startMs), error, ...shown };
    },
    dead: queue.dead,
    waiting: queue.waiting,
    async stop() {
      await settling.stop();
      await taking?.stop();
      await queue.stop();
    },
  };
}

/** One node sends. When it is gone another takes up all that waits. */
function takeUp(
  { leads, instances }: ReceiptsOptions,
  queue: ReceiptQueue,
  failed: (error: unknown) => void,
): Ticker {
  void queue.rest();
  return startTicker(
    TAKE_UP_EVERY_MS,
    async () => {
      if (await leads()) await queue.resume(instances());
      else await queue.rest();
      return undefined;
    },
    failed,
  );
}
