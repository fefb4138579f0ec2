/** What came too often: after an ack, beyond the attempts, to a second device of a single-device user. */
import { belowSyncPoint } from './order-rules.js';
import { nameOf, placeOf } from './receipt-rules.js';
import { type CheckOptions, type Docket, report } from './verdict.js';
import { type Connection, keyOf, type Message, type Receipt, type World } from './world.js';

/** A killed process may leave one attempt uncounted. */
const KILLS = /kill|power|crash/i;

export function isSingleDevice(message: Message): boolean {
  const config = message.config;
  return config?.scope === 'single' && config.dim === 'user' && !config.multi && config.persist;
}

/** True when the ack had time to arrive before the connection ended and before `t`. */
function ackArrived(receipt: Receipt, t: number, graceMs: number): boolean {
  if (receipt.ackedAt === null) return false;
  const arrived = receipt.ackedAt + graceMs;
  return arrived < t && (receipt.connection.goneAt === null || arrived < receipt.connection.goneAt);
}

function wipedBetween(world: World, connection: Connection, from: number, to: number): boolean {
  const device = world.devices.get(keyOf(connection.app, connection.ws, connection.dev));
  return device?.wipes.some((t) => from <= t && t <= to) ?? false;
}

function judgeRepeat(
  world: World,
  earlier: Receipt,
  later: Receipt,
  options: CheckOptions,
  docket: Docket,
): void {
  if (!ackArrived(earlier, later.t, options.graceMs)) {
    docket.notErrors.redelivered += 1;
    return;
  }
  const same = earlier.connection === later.connection;
  if (!same && wipedBetween(world, later.connection, earlier.t, later.t)) return;
  if (same || (options.strictDup && !belowSyncPoint(later)))
    report(docket, 'DUP_AFTER_ACK', `${placeOf(later)}, acknowledged at ${earlier.ackedAt?.toFixed(0)}`);
  else docket.notErrors.redelivered += 1;
}

/** Each receipt against the latest acknowledged one of the same record on the same device, or the latest of all. */
function judgeRepeats(world: World, message: Message, options: CheckOptions, docket: Docket): void {
  const latest = new Map<string, Receipt>();
  for (const receipt of message.receipts) {
    const key = keyOf(receipt.connection.dev, String(receipt.op));
    const earlier = latest.get(key);
    if (earlier !== undefined) judgeRepeat(world, earlier, receipt, options, docket);
    if (earlier === undefined || receipt.ackedAt !== null || earlier.ackedAt === null)
      latest.set(key, receipt);
  }
}

/** An ack that a process had taken and not yet written when a fault struck is lost with the process. */
const WRITTEN_MS = 1_000;

function ackLost(world: World, receipt: Receipt, options: CheckOptions): boolean {
  if (options.acksSurvive) return false;
  const ackedAt = receipt.ackedAt ?? 0;
  return world.faults.some(({ from, to }) => from <= ackedAt + WRITTEN_MS && ackedAt <= to);
}

/** "A lost ack may repeat it on the next one": docs/guarantees.md, "Delivery". */
function judgeSingle(world: World, message: Message, options: CheckOptions, docket: Docket): void {
  if (!isSingleDevice(message)) return;
  for (const receipt of message.receipts) {
    const settled = message.receipts.find(
      (other) =>
        other.connection.dev !== receipt.connection.dev &&
        other.op === receipt.op &&
        ackArrived(other, receipt.t, options.graceMs),
    );
    if (settled === undefined) continue;
    if (ackLost(world, settled, options)) docket.notErrors.redelivered += 1;
    else report(docket, 'SINGLE_TWICE', `${placeOf(receipt)}, acknowledged on ${settled.connection.dev}`);
  }
}

/** Receipts that count as attempts: until the ack had arrived, and not sooner than the attempt gap. */
function countAttempts(receipts: readonly Receipt[], options: CheckOptions): number {
  let attempts = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const receipt of receipts) {
    if (receipt.t - last < options.attemptGapMs) continue;
    attempts += 1;
    last = receipt.t;
  }
  return attempts;
}

function judgeAttempts(world: World, message: Message, options: CheckOptions, docket: Docket): void {
  const config = message.config;
  if (config === undefined || message.receipts.length <= config.maxAttempts) return;
  const byReader = new Map<string, Receipt[]>();
  for (const receipt of message.receipts) {
    const device = isSingleDevice(message) ? '' : receipt.connection.dev;
    const wipes = world.devices
      .get(keyOf(receipt.connection.app, receipt.connection.ws, receipt.connection.dev))
      ?.wipes.filter((t) => t <= receipt.t).length;
    const key = keyOf(device, String(receipt.op), String(wipes));
    const list = byReader.get(key);
    if (list === undefined) byReader.set(key, [receipt]);
    else list.push(receipt);
  }
  for (const receipts of byReader.values()) {
    const from = receipts[0]?.t ?? 0;
    const to = receipts.at(-1)?.t ?? 0;
    const kills = world.faults.filter(
      (fault) => KILLS.test(fault.name) && fault.from <= to && from <= fault.to,
    );
    const attempts = countAttempts(receipts, options);
    if (attempts > config.maxAttempts + kills.length)
      report(docket, 'OVER_ATTEMPTS', `${nameOf(message)} came ${attempts} times to one reader`);
  }
}

/** DUP_AFTER_ACK SINGLE_TWICE OVER_ATTEMPTS. */
export function judgeRepetition(world: World, options: CheckOptions, docket: Docket): void {
  for (const message of world.messages.values()) {
    if (message.receipts.length < 2) continue;
    judgeRepeats(world, message, options, docket);
    judgeSingle(world, message, options, docket);
    judgeAttempts(world, message, options, docket);
  }
}
