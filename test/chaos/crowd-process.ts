/** The crowd's own process: many quiet devices, their history in a file of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RawDevice } from '../history/device.js';
import { openRecorder, type Recorder } from '../history/recorder.js';
import type { CrowdNews, CrowdOrder, CrowdSetup } from './crowd.js';

const NEWS_MS = 100;
const OPEN_STEP_MS = 10;

let recorder: Recorder | null = null;
const devices: RawDevice[] = [];
/** Messages that some device has acknowledged, and those of them that the parent has not heard of. */
const known = new Set<string>();
let fresh: [biz: string, msg: string][] = [];

function noteAck(biz: string, msg: string): void {
  const name = `${biz} ${msg}`;
  if (known.has(name)) return;
  known.add(name);
  fresh.push([biz, msg]);
}

function sum(of: (device: RawDevice) => number): number {
  return devices.reduce((total, device) => total + of(device), 0);
}

function news(): CrowdNews {
  const acked = fresh;
  fresh = [];
  return {
    acked,
    handed: sum(({ tally }) => tally.handedOver),
    online: devices.filter((device) => device.connection !== null).length,
    connects: sum(({ tally }) => tally.connects),
    gaps: sum(({ tally }) => tally.gaps),
    stale: sum(({ tally }) => tally.stale),
    kicks: [...new Set(devices.flatMap(({ tally }) => tally.kicks))],
  };
}

/** Connects all, so many a second. */
async function open(setup: CrowdSetup): Promise<void> {
  const { file, ports, app, ws, size, heartbeatSec, retryMs, perSecond } = setup;
  const history = openRecorder(file);
  recorder = history;
  const startMs = performance.now();
  for (let number = 0; number < size; ) {
    const due = Math.min(size, Math.ceil(((performance.now() - startMs) / 1_000) * perSecond));
    for (; number < due; number += 1) {
      let turn = number;
      const device = new RawDevice({
        // The next node at each connect: one that is away keeps nobody waiting.
        port: () => ports[turn++ % ports.length] ?? 0,
        ...{ tls: false, app, ws, recorder: history, heartbeatSec, retryMs, onAck: noteAck },
        dev: `d-c${number}`,
        user: `c${number}`,
      });
      devices.push(device);
      device.start();
    }
    await sleep(OPEN_STEP_MS);
  }
}

function say(): void {
  if (process.connected) process.send?.(news());
}

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (order: CrowdOrder) => {
  if (order.do === 'open') void open(order.setup);
  // What a device has heard until now is in the file when the parent hears this.
  if (order.do === 'flush') {
    recorder?.flush();
    process.send?.({ ...news(), flushed: true });
  }
});
setInterval(say, NEWS_MS);
