/** What is wrong with a single receipt: whose it is, what is in it, when and where it came. */
import type { SendEvent } from './events.js';
import type { CheckOptions, Docket } from './verdict.js';
import { report } from './verdict.js';
import { within } from './versions.js';
import { type Call, type Connection, keyOf, type Message, type Receipt, type World } from './world.js';

export function nameOf(message: Message): string {
  return `${message.ws}_${message.app}/${message.biz}/${message.to ?? '(all)'}/${message.msg}`;
}

export function placeOf(receipt: Receipt): string {
  return `${nameOf(receipt.message)} op ${receipt.op} on ${receipt.connection.c} of ${receipt.connection.dev} at ${receipt.t.toFixed(0)}`;
}

/**
 * The calls that may have stored the message: not refused, not a repetition, and not begun after
 * another call had already been answered with success.
 */
export function storers(message: Message): readonly Call[] {
  const firstSuccess = storedBy(message);
  return message.calls.filter(
    (call) => (call.result === 'ok' || call.result === 'unknown') && call.send.t <= firstSuccess,
  );
}

/** Latest time at which the message was stored: the first answer that says so; Infinity when none does. */
export function storedBy(message: Message): number {
  const answers = message.calls
    .filter((call) => call.result === 'ok' || call.result === 'dup')
    .map((call) => call.returnedAt ?? Number.POSITIVE_INFINITY);
  return Math.min(...answers, Number.POSITIVE_INFINITY);
}

/** True when the device that this connection belongs to is among those the call is meant for. */
export function passesFilter(send: SendEvent, connection: Connection): boolean {
  const osFits = send.os === null || send.os.toLowerCase() === connection.os.toLowerCase();
  return osFits && within(connection.ver, send.min, send.max);
}

function judgeStrays(world: World, docket: Docket): void {
  for (const { event, connection } of world.strays) {
    const what = `${event.biz}/${event.msg} on ${connection.c} of ${connection.dev}`;
    const namesakes = world.byMsg.get(event.msg) ?? [];
    const atHome = namesakes.filter(
      (message) => message.app === connection.app && message.ws === connection.ws,
    );
    if (!world.configs.has(keyOf(connection.app, connection.ws, event.biz))) {
      if (namesakes.length > 0 && atHome.length === 0) report(docket, 'CROSS_TENANT', what);
      else report(docket, 'UNREGISTERED_BIZ', what);
    } else if (namesakes.length === 0) report(docket, 'GHOST', what);
    else if (atHome.length > 0) report(docket, 'CROSS_TARGET', what);
    else report(docket, 'CROSS_TENANT', what);
  }
}

/** Judges the payload; returns the calls that it can be from, none when an error was reported. */
function judgeContent(receipt: Receipt, docket: Docket): readonly Call[] {
  const { message } = receipt;
  const sameHash = message.calls.filter((call) => call.send.h === receipt.h);
  if (sameHash.length === 0) {
    report(docket, 'CORRUPT', placeOf(receipt));
    return [];
  }
  if (sameHash.every((call) => call.result === 'fail')) {
    report(docket, 'ABORTED', placeOf(receipt));
    return [];
  }
  const possible = message.config?.persist === false ? sameHash : storers(message);
  const origins = sameHash.filter((call) => possible.includes(call));
  const onlyRepeated = message.calls.every((call) => call.result === 'dup' || call.result === 'fail');
  if (origins.length === 0 && !onlyRepeated) {
    report(docket, 'DEDUPE_OVERWRITE', placeOf(receipt));
    return [];
  }
  return origins.length === 0 ? sameHash : origins;
}

function judgeConditions(
  receipt: Receipt,
  origins: readonly Call[],
  options: CheckOptions,
  docket: Docket,
): void {
  const { t, connection } = receipt;
  const sends = origins.map((call) => call.send);
  const late = options.graceMs + options.skewMs;
  if (sends.every((send) => t < send.t - options.skewMs)) report(docket, 'GHOST', placeOf(receipt));
  if (sends.every((send) => send.ve !== null && t > send.ve + late))
    report(docket, 'EXPIRED', placeOf(receipt));
  if (sends.every((send) => send.vs !== null && t < send.vs - options.skewMs))
    report(docket, 'EARLY', placeOf(receipt));
  if (sends.every((send) => !passesFilter(send, connection))) report(docket, 'FILTER', placeOf(receipt));
}

function judgeTransient(
  receipt: Receipt,
  origins: readonly Call[],
  options: CheckOptions,
  docket: Docket,
): void {
  if (receipt.message.config?.persist !== false) return;
  const tooLate = origins.every(
    (call) =>
      call.result === 'ok' &&
      call.returnedAt !== null &&
      // A busy recorder may notice its handshake long after the server counted it as live.
      receipt.connection.startedAt > call.returnedAt + options.graceMs + options.skewMs,
  );
  if (tooLate) report(docket, 'STORED_NONPERSIST', placeOf(receipt));
}

/** GHOST ABORTED CORRUPT DEDUPE_OVERWRITE CROSS_* UNREGISTERED_BIZ EXPIRED EARLY FILTER STORED_NONPERSIST AFTER_REVOKE. */
export function judgeReceipts(world: World, options: CheckOptions, docket: Docket): void {
  judgeStrays(world, docket);
  for (const message of world.messages.values()) {
    if (message.config !== undefined || !message.calls.some((call) => call.result === 'ok')) continue;
    report(docket, 'UNREGISTERED_BIZ', `${nameOf(message)} was accepted`);
  }
  for (const receipt of world.receipts) {
    const origins = judgeContent(receipt, docket);
    if (origins.length > 0) {
      judgeConditions(receipt, origins, options, docket);
      judgeTransient(receipt, origins, options, docket);
    }
    const { revokedAt } = receipt.message;
    if (revokedAt !== null && receipt.t > revokedAt + options.graceMs)
      report(docket, 'AFTER_REVOKE', placeOf(receipt));
  }
}
