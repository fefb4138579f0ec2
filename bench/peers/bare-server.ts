/**
 * The floor: Node's own net or tls server that writes the bytes of Sync frames and counts the bytes of
 * their acks. No protocol, no store, no sessions; it makes the messages itself.
 */
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { encodeClientFrame, encodeOplogBody, encodeServerFrame } from '../../src/wire/frames.js';
import { USER_BIZ } from '../load/longlink.js';
import { blankPayload, fillHead, nowUs } from '../load/payload.js';
import { serveParent } from '../load/questions.js';

/** The first id; ids around it take eight bytes on the wire. */
const FIRST_ID = 2 ** 50;
const ID_BYTES = 8;
const BLOCK = 32;

interface Setup {
  readonly run: string;
  readonly payloadBytes: number;
  /** Number of its first device, and how many it has. */
  readonly first: number;
  readonly devices: number;
  readonly tls: { readonly keyFile: string; readonly certFile: string } | null;
}

const sockets: (Socket | undefined)[] = [];
let sequences = new Uint32Array(0);
let acked = 0;
let granted = 0;
let wake: (() => void) | null = null;
let run = '';
let firstDevice = 0;
let template = Buffer.alloc(0);
let idPlaces: number[] = [];
let payloadAt = 0;

const welcome = encodeServerFrame({
  type: 'welcome',
  session: 1,
  adToken: '',
  deviceKey: new Uint8Array(0),
  heartbeatSec: 240,
  serverTimeMs: 0,
  correctedPoints: [],
  bindSeq: 1,
  maxFrameBytes: 65_536,
  userBound: true,
  boundUser: '',
  result: 'OK',
});
const ackBytes = encodeClientFrame({
  type: 'ack',
  kind: 'u',
  biz: USER_BIZ,
  bindSeq: 1,
  through: FIRST_ID,
  transient: false,
  late: false,
}).length;

function onHello(this: Socket, chunk: Buffer): void {
  const device = Number(/d(\d{8})/.exec(chunk.toString('latin1'))?.[1]) - firstDevice;
  sockets[device] = this;
  this.on('data', onAck);
  this.write(welcome);
}

function onAck(this: Socket, chunk: Buffer): void {
  acked += chunk.length / ackBytes;
  wake?.();
}

function accept(socket: Socket): void {
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.once('data', onHello);
}

function makeTemplate(payloadBytes: number): void {
  const payload = Buffer.from(blankPayload(run, payloadBytes));
  const oplog = {
    id: FIRST_ID,
    acceptedMs: 0,
    expiresMs: 0,
    thirdMsgId: '',
    filter: null,
    traced: false,
    resendOf: 0,
    body: encodeOplogBody({
      payload,
      binary: false,
      thirdMsgId: `${run}-00000000-000000000`,
      acceptedMs: Date.now(),
    }),
  };
  const numbers = { from: FIRST_ID, through: FIRST_ID, bindSeq: 1 };
  const flags = { transient: false, late: false, serverPoint: true };
  const frame = { type: 'sync', kind: 'u', biz: USER_BIZ, ...numbers, oplogs: [oplog], ...flags } as const;
  template = Buffer.from(encodeServerFrame(frame));
  const id = Buffer.alloc(ID_BYTES);
  putId(id, 0, FIRST_ID);
  idPlaces = [];
  for (let at = template.indexOf(id); at >= 0; at = template.indexOf(id, at + 1)) idPlaces.push(at);
  payloadAt = template.indexOf(payload);
}

function putId(out: Buffer, at: number, id: number): void {
  let rest = id;
  for (let i = 0; i < ID_BYTES; i += 1) {
    out[at + i] = (rest % 128) | (i < ID_BYTES - 1 ? 128 : 0);
    rest = Math.floor(rest / 128);
  }
}

function send(device: number, dueUs = nowUs()): void {
  const sequence = (sequences[device] ?? 0) + 1;
  sequences[device] = sequence;
  const frame = Buffer.allocUnsafe(template.length);
  template.copy(frame);
  const [from = 0, through = 0, id = 0] = idPlaces;
  putId(frame, from, FIRST_ID + sequence - 1);
  putId(frame, through, FIRST_ID + sequence);
  putId(frame, id, FIRST_ID + sequence);
  fillHead(frame, payloadAt, firstDevice + device, sequence, dueUs);
  sockets[device]?.write(frame);
}

/** Sends so many messages in turn, as the grant lets it, and resolves when all are acknowledged. */
async function pump({ total, first }: { readonly total: number; readonly first: number }): Promise<void> {
  const wanted = acked + total;
  granted = first;
  for (let sent = 0; sent < total; ) {
    for (const end = Math.min(total, sent + BLOCK, granted); sent < end; sent += 1)
      send(sent % sequences.length);
    await new Promise<void>((resolve) => {
      if (sent < Math.min(total, granted)) setImmediate(resolve);
      else wake = resolve;
    });
  }
  while (acked < wanted)
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
}

/** Writes a message to every device in one go; all are due when it begins. */
function broadcast(): void {
  const dueUs = nowUs();
  for (let device = 0; device < sequences.length; device += 1) send(device, dueUs);
}

async function listen(options: Setup): Promise<number> {
  run = options.run;
  firstDevice = options.first;
  sequences = new Uint32Array(options.devices);
  makeTemplate(options.payloadBytes);
  const { tls } = options;
  const server =
    tls === null
      ? createServer(accept)
      : createTlsServer({ key: readFileSync(tls.keyFile), cert: readFileSync(tls.certFile) }, accept);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
  return (server.address() as AddressInfo).port;
}

serveParent({
  listen,
  lines: pump,
  broadcast,
  grant(total: number) {
    granted = total;
    wake?.();
  },
  sent: () => ({ first: firstDevice, sequences, globalSequence: 0 }),
});
