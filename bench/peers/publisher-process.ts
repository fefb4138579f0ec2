/** Publishes to a peer over one connection, many messages under way, and counts what the peer has taken. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { PartialHolder } from '../../src/wire/frames.js';
import { blankPayload, deviceName, fillHead, fillUser, nowUs } from '../load/payload.js';
import { serveParent } from '../load/questions.js';
import { connectPacket, publishPacket } from './mqtt.js';
import { publish, publisherHello, subjectOf, takeNats } from './nats.js';

export interface PublisherSetup {
  readonly protocol: 'mqtt' | 'nats';
  readonly port: number;
  readonly run: string;
  readonly payloadBytes: number;
  readonly devices: number;
}

/** Messages that the peer has not acknowledged to the publisher yet. */
const UNDER_WAY = 8192;
const BLOCK = 32;
const INBOX = 'publisher';
const MQTT_ACK_BYTES = 4;
const MAX_PACKET_ID = 60_000;

let options: PublisherSetup | null = null;
let socket: Socket | null = null;
let sequences = new Uint32Array(0);
let granted = 0;
let taken = 0;
let packetId = 0;
let wake: (() => void) | null = null;
const holder: PartialHolder = { partial: null, partialBytes: 0 };

function took(count: number): void {
  taken += count;
  wake?.();
}

async function setup(args: PublisherSetup): Promise<void> {
  options = args;
  sequences = new Uint32Array(args.devices);
  const made = connect({ port: args.port, host: '127.0.0.1', noDelay: true });
  socket = made;
  await once(made, 'connect');
  const isMqtt = args.protocol === 'mqtt';
  made.on('data', isMqtt ? (chunk) => took(chunk.length / MQTT_ACK_BYTES) : takeNatsAcks);
  made.write(isMqtt ? connectPacket('publisher') : publisherHello(INBOX));
  // The answer to the greeting is as long as that to a message, in both protocols.
  while (taken < 1) await woken();
  taken = 0;
}

function takeNatsAcks(chunk: Buffer): void {
  takeNats(
    holder,
    chunk,
    (bytes, { payloadAt, payloadBytes }) => {
      const answer = bytes.toString('latin1', payloadAt, payloadAt + payloadBytes);
      if (answer.includes('"error"')) throw new Error(`JetStream: ${answer}`);
      took(1);
    },
    () => socket?.write('PONG\r\n'),
  );
}

function woken(): Promise<void> {
  return new Promise((resolve) => {
    wake = resolve;
  });
}

/** A message to device 0, and where its numbers stand. */
interface Template {
  readonly bytes: Buffer;
  readonly deviceAt: number;
  readonly payloadAt: number;
  /** Of the packet id, or -1. */
  readonly idAt: number;
}

function makeTemplate({ protocol, run, payloadBytes }: PublisherSetup): Template {
  const payload = blankPayload(run, payloadBytes);
  const bytes =
    protocol === 'mqtt' ? publishPacket(0, payload) : Buffer.from(publish(subjectOf(0), INBOX, payload));
  const payloadAt = bytes.indexOf(payload);
  const idAt = protocol === 'mqtt' ? payloadAt - 2 : -1;
  return { bytes, deviceAt: bytes.indexOf(deviceName(0)), payloadAt, idAt };
}

/** Writes the next message to a device. */
function writeNext(
  { bytes, deviceAt, payloadAt, idAt }: Template,
  out: Buffer,
  at: number,
  device: number,
): void {
  const sequence = (sequences[device] ?? 0) + 1;
  sequences[device] = sequence;
  bytes.copy(out, at);
  fillUser(out, at + deviceAt, device);
  fillHead(out, at + payloadAt, device, sequence, nowUs());
  if (idAt < 0) return;
  packetId = (packetId % MAX_PACKET_ID) + 1;
  out.writeUInt16BE(packetId, at + idAt);
}

async function lines({ total, first }: { readonly total: number; readonly first: number }): Promise<void> {
  if (options === null) throw new Error('not set up');
  const template = makeTemplate(options);
  const before = taken;
  granted = first;
  socket?.on('drain', () => wake?.());
  for (let sent = 0; sent < total; ) {
    const open = Math.min(BLOCK, total - sent, granted - sent, UNDER_WAY - (sent - (taken - before)));
    if (open <= 0 || socket?.writableNeedDrain === true) {
      await woken();
      continue;
    }
    const block = Buffer.allocUnsafeSlow(open * template.bytes.length);
    for (let at = 0; at < block.length; at += template.bytes.length, sent += 1)
      writeNext(template, block, at, sent % sequences.length);
    socket?.write(block);
  }
  while (taken - before < total) await woken();
  socket?.removeAllListeners('drain');
}

serveParent({
  setup,
  lines,
  grant(total: number) {
    granted = total;
    wake?.();
  },
  sent: () => ({ first: 0, sequences, globalSequence: 0 }),
});
