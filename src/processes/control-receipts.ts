/** Receipts of pushes as control runs them: their settings, and what they hear of. */
import type { PushReceipts } from '../admin/options.js';
import type { ServiceContext } from '../admin/service/context.js';
import { createSealer, loadMasterKey, MasterKeyError } from '../admin/service/master-key.js';
import { openPushCallbacks } from '../admin/service/push-callbacks.js';
import { postText } from '../api/validation/post-json.js';
import { type Receipts, startReceipts } from '../push/receipts/index.js';
import { dataFiles } from './data-dir.js';
import type { ProcessTools } from './process-tools.js';
import { ExitCode, StartError } from './start-error.js';

export interface ControlReceipts
  extends Pick<Receipts, 'onSend' | 'onEnded' | 'onChannelEnd' | 'wants' | 'stop'> {
  readonly admin: PushReceipts;
  readonly isPushOpen: (instance: string) => boolean;
  /** Reads the settings again, which another node may have changed. */
  readonly reload: () => Promise<void>;
}

/** How often is looked for pushes whose validity has ended. */
const SETTLE_EVERY_MS = 1000;
const HEADERS = { 'content-type': 'application/json;charset=UTF-8' };

/** @throws {StartError} when the file of the sealing key cannot be used */
export async function openReceipts(
  { config, clock, log, metrics }: ProcessTools,
  service: Pick<
    ServiceContext,
    'store' | 'clock' | 'catalogue' | 'catalogueChanged' | 'exclusive' | 'bindings' | 'leads'
  >,
): Promise<ControlReceipts> {
  const { push } = config;
  const callbacks = await openPushCallbacks(service, createSealer(await masterKey(config)));
  const receipts = await startReceipts({
    store: service.store,
    target(instance) {
      const { url, allow } = callbacks.get(instance);
      const privateKey = url === '' ? null : callbacks.privateKey(instance);
      return privateKey === null ? null : { url, allow, privateKey };
    },
    isOn: (instance) => callbacks.get(instance).on,
    instances: callbacks.instances,
    devicesOf: service.bindings.devicesOf,
    post: (url, body, allow) =>
      postText(url, body, { headers: HEADERS, timeoutMs: push.receiptTimeoutMs, allow }),
    concurrency: push.receiptConcurrency,
    maxAttempts: push.receiptAttempts,
    firstRetryMs: push.receiptFirstRetryMs,
    maxRetryMs: push.receiptMaxRetryMs,
    maxQueued: push.maxReceipts,
    everyMs: SETTLE_EVERY_MS,
    settleMs: push.receiptSettleMs,
    now: () => clock.now().wall,
    shared: config.store.driver === 'redis',
    leads: () => service.leads('receipts'),
    isClockHeld: () => clock.heldMs() !== 0,
    onResult: (result, count) => metrics.count('longlink_push_receipts_total', { result }).inc(count),
    onError: (err) => log.error({ err }, 'receipts of pushes failed'),
  });
  metrics.onCollect(() => metrics.set('longlink_push_receipts_waiting', receipts.waiting()));
  return {
    ...receipts,
    admin: { callbacks, test: receipts.test, dead: receipts.dead },
    isPushOpen: (instance) => callbacks.get(instance).pushApi,
    reload: callbacks.reload,
  };
}

async function masterKey(config: ProcessTools['config']): Promise<Buffer> {
  try {
    return await loadMasterKey(dataFiles(config).openApiKeyFile);
  } catch (error) {
    if (error instanceof MasterKeyError) throw new StartError(error.message, ExitCode.USAGE);
    throw error;
  }
}
