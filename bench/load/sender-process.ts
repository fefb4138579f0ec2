/** The process that calls the APIs: NDJSON batches, and single requests in a closed or an open loop. */
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRecorder, type Recorder } from '../../test/history/recorder.js';
import { createLane, type Lane } from './http-lane.js';
import { APP, WORKSPACE } from './longlink.js';
import { lineTemplate, requestTemplate, writeMessage } from './message-writer.js';
import { EVERYBODY, messageName, nowUs, userName } from './payload.js';
import { serveParent } from './questions.js';
import { Samples } from './tally.js';

export interface SenderSetup {
  readonly run: string;
  readonly instance: string;
  readonly apiPort: number;
  readonly adminPort: number;
  readonly adminToken: string;
  readonly payloadBytes: number;
  /** Devices that messages go to, in turn: from `firstDevice`, so many. */
  readonly devices: number;
  readonly firstDevice: number;
  readonly history: string | null;
}

/** What came of some sending. */
export interface Sent {
  readonly accepted: number;
  readonly refused: number;
  /** Calls repeated because their outcome was unknown. */
  readonly repeated: number;
  readonly seconds: number;
  /** Microseconds from due to answered, of single requests. */
  readonly latencies: Uint32Array;
  /** First refusals in the server's words. */
  readonly refusals: readonly string[];
}

export interface LinesArgs {
  readonly biz: string;
  readonly total: number;
  /** Messages for everybody instead of one device each. */
  readonly global?: boolean;
  /** Lines that may be sent before the first `grant`; as many as the server takes when left out. */
  readonly granted?: number;
}

export interface RequestsArgs {
  readonly biz: string;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second, by chance in time (Poisson); 0 for as many as the connections carry. */
  readonly perSecond: number;
}

/** Lines of one write, and lines that may wait for their results. */
const BLOCK_LINES = 32;
const LINES_IN_FLIGHT = 8192;
const SHOWN_REFUSALS = 5;

let options: SenderSetup | null = null;
let recorder: Recorder | null = null;
/** Per device, from the first one, how many messages it was sent; and how many everybody was sent. */
let sequences = new Uint32Array(0);
let globalSequence = 0;
/** Lines of the present call that may be sent; raised by the parent as devices acknowledge. */
let granted = Number.POSITIVE_INFINITY;
let wakeSender: (() => void) | null = null;
let nextDevice = 0;

function current(): SenderSetup {
  if (options === null) throw new Error('not set up');
  return options;
}

function setup(args: SenderSetup): void {
  options = args;
  sequences = new Uint32Array(args.devices);
  globalSequence = 0;
  nextDevice = 0;
  recorder = args.history === null ? null : openRecorder(args.history);
}

function noteSend(biz: string, device: number, sequence: number, dueUs: number): void {
  const msg = messageName(current().run, device, sequence);
  const to = device === EVERYBODY ? null : userName(device);
  const none = { vs: null, ve: null, os: null, min: null, max: null };
  recorder?.write({ e: 'send', id: msg, app: APP, ws: WORKSPACE, biz, to, msg, h: String(dueUs), ...none });
}

/** Sends lines in one NDJSON call as fast as the server and the grant let it. */
async function sendLines({ biz, total, global = false, ...rest }: LinesArgs): Promise<Sent> {
  const { adminPort, adminToken, instance, run, payloadBytes, devices, firstDevice } = current();
  const template = lineTemplate(run, biz, payloadBytes, global);
  const call = request({
    port: adminPort,
    method: 'POST',
    path: `/v1/instances/${instance}/sync/batch`,
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/x-ndjson' },
  });
  call.on('drain', () => wakeSender?.());
  const answers = readAnswers(call, total);
  const started = performance.now();
  let sent = 0;
  granted = rest.granted ?? Number.POSITIVE_INFINITY;
  while (sent < total) {
    const open = Math.min(
      total - sent,
      BLOCK_LINES,
      granted - sent,
      LINES_IN_FLIGHT - (sent - answers.count()),
    );
    if (open <= 0 || call.writableNeedDrain) {
      await new Promise<void>((resolve) => {
        wakeSender = resolve;
      });
      continue;
    }
    const block = Buffer.allocUnsafeSlow(open * template.bytes.length);
    const dueUs = nowUs();
    for (let at = 0; at < block.length; ) {
      const device = global ? EVERYBODY : firstDevice + nextDevice;
      const sequence = global ? nextGlobal() : nextSequence(nextDevice);
      nextDevice = (nextDevice + 1) % devices;
      if (recorder !== null) noteSend(biz, device, sequence, dueUs);
      at = writeMessage(template, block, at, device, sequence, dueUs);
      answers.sent.push(device, sequence);
    }
    sent += open;
    call.write(block);
  }
  call.end();
  const { accepted, refused, refusals } = await answers.done;
  const seconds = (performance.now() - started) / 1000;
  return { accepted, refused, repeated: 0, seconds, latencies: new Uint32Array(0), refusals };
}

function nextGlobal(): number {
  globalSequence += 1;
  return globalSequence;
}

function nextSequence(device: number): number {
  const sequence = (sequences[device] ?? 0) + 1;
  sequences[device] = sequence;
  return sequence;
}

/** Reads the result lines of a batch while it is being sent. */
function readAnswers(call: ReturnType<typeof request>, total: number) {
  const sent: number[] = [];
  const refusals: string[] = [];
  let answered = 0;
  let refused = 0;
  const take = (line: string): void => {
    const isAccepted = line.includes('"result":"');
    if (!isAccepted) {
      refused += 1;
      if (refusals.length < SHOWN_REFUSALS) refusals.push(line);
    }
    if (recorder !== null) {
      const id = messageName(current().run, sent[answered * 2] ?? 0, sent[answered * 2 + 1] ?? 0);
      recorder.write({ e: 'ret', id, r: isAccepted ? 'ok' : 'unknown' });
    }
    answered += 1;
  };
  const done = (async () => {
    const [response] = (await once(call, 'response')) as [AsyncIterable<Buffer> & { statusCode: number }];
    let rest = '';
    for await (const chunk of response) {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
      if (recorder === null) sent.length = 0;
      wakeSender?.();
    }
    if (response.statusCode !== 200 || answered !== total)
      throw new Error(`batch: HTTP ${response.statusCode}, ${answered} of ${total} lines answered ${rest}`);
    return { accepted: total - refused, refused, refusals };
  })();
  return { sent, count: () => answered, done };
}

/** Sends single requests; each device belongs to one connection, so that its messages keep their order. */
async function sendRequests(args: RequestsArgs): Promise<Sent> {
  const { apiPort, instance, run, payloadBytes, devices } = current();
  const template = requestTemplate(run, args.biz, payloadBytes, instance);
  const latencies = new Samples();
  const counts = { accepted: 0, refused: 0, repeated: 0, refusals: [] as string[] };
  const lanes = Array.from({ length: Math.min(args.connections, devices) }, () =>
    createLane({
      port: apiPort,
      write(device, sequence, dueUs) {
        const bytes = Buffer.allocUnsafeSlow(template.bytes.length);
        writeMessage(template, bytes, 0, device, sequence, dueUs);
        if (recorder !== null) noteSend(args.biz, device, sequence, dueUs);
        return bytes;
      },
      answered(device, sequence, dueUs, answer) {
        const isAccepted = answer.includes('"success":true');
        if (isAccepted) counts.accepted += 1;
        else counts.refused += 1;
        if (!isAccepted && counts.refusals.length < SHOWN_REFUSALS) counts.refusals.push(answer.slice(-200));
        latencies.add(Math.max(0, nowUs() - dueUs));
        recorder?.write({
          e: 'ret',
          id: messageName(run, device, sequence),
          r: isAccepted ? 'ok' : 'unknown',
        });
      },
      repeated: () => {
        counts.repeated += 1;
      },
    }),
  );
  const started = performance.now();
  await (args.perSecond > 0 ? arrive(lanes, args) : saturate(lanes, args.seconds));
  await Promise.all(lanes.map((lane) => lane.idle()));
  const seconds = (performance.now() - started) / 1000;
  for (const lane of lanes) lane.close();
  return { ...counts, seconds, latencies: latencies.take() };
}

/** Every connection has always one request under way. */
async function saturate(lanes: readonly Lane[], seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  const { devices, firstDevice } = current();
  lanes.forEach((lane, first) => {
    let device = first;
    lane.onIdle = () => {
      if (performance.now() >= end) return;
      lane.push(firstDevice + device, nextSequence(device), nowUs());
      device = device + lanes.length < devices ? device + lanes.length : first;
    };
    lane.onIdle();
  });
  await sleep(seconds * 1000);
}

/** Requests come when they come, whether or not the ones before are answered. */
async function arrive(lanes: readonly Lane[], { perSecond, seconds }: RequestsArgs): Promise<void> {
  const { devices, firstDevice } = current();
  const startUs = nowUs();
  const endUs = startUs + seconds * 1e6;
  for (let dueUs = startUs; dueUs < endUs; ) {
    for (
      const now = nowUs();
      dueUs <= now && dueUs < endUs;
      dueUs += (-Math.log(1 - Math.random()) * 1e6) / perSecond
    ) {
      const device = nextDevice;
      nextDevice = (nextDevice + 1) % devices;
      lanes[device % lanes.length]?.push(firstDevice + device, nextSequence(device), Math.floor(dueUs));
    }
    await sleep(1);
  }
}

serveParent({
  setup,
  lines: sendLines,
  requests: sendRequests,
  grant(total: number) {
    granted = total;
    wakeSender?.();
  },
  sent: () => ({ first: current().firstDevice, sequences, globalSequence }),
  flush: () => recorder?.flush(),
});
