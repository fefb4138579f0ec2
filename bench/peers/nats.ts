/**
 * NATS with JetStream as a device with one acknowledged push consumer speaks it. docs.nats.io,
 * "Client Protocol" and "JetStream wire API reference".
 */
import type { PartialHolder } from '../../src/wire/frames.js';
import { type Device, welcomed } from '../load/device.js';
import { deviceName } from '../load/payload.js';
import type { Protocol } from '../load/protocol.js';
import { judge } from '../load/tally.js';
import { joined, keep } from './pieces.js';

export const STREAM = 'LOAD';
const CONNECT = 'CONNECT {"verbose":false,"pedantic":false,"echo":false}\r\n';
const CR = 13;
/** Subscriptions of a device: its messages, and answers of the API. */
const MESSAGES = '1';

export function subjectOf(device: number): string {
  return `m.${deviceName(device)}`;
}

export function publish(subject: string, reply: string, payload: string): string {
  return `PUB ${subject} ${reply}${reply === '' ? '' : ' '}${Buffer.byteLength(payload)}\r\n${payload}\r\n`;
}

/** CONNECT, a subscription for answers, and the stream with its file storage. */
export function publisherHello(inbox: string): string {
  const stream = { name: STREAM, subjects: ['m.*'], storage: 'file', retention: 'limits', num_replicas: 1 };
  return `${CONNECT}SUB ${inbox} 1\r\n${publish(`$JS.API.STREAM.CREATE.${STREAM}`, inbox, JSON.stringify(stream))}`;
}

function deviceHello(device: Device): string {
  const name = deviceName(device.index);
  const [inbox, answers] = [`in.${name}`, `api.${name}`];
  const config = {
    durable_name: name,
    deliver_subject: inbox,
    filter_subject: subjectOf(device.index),
    ack_policy: 'explicit',
    deliver_policy: 'all',
    replay_policy: 'instant',
  };
  const create = JSON.stringify({ stream_name: STREAM, config });
  return `${CONNECT}SUB ${inbox} ${MESSAGES}\r\nSUB ${answers} 2\r\n${publish(
    `$JS.API.CONSUMER.DURABLE.CREATE.${STREAM}.${name}`,
    answers,
    create,
  )}`;
}

/** One message off the stream. */
export interface NatsMessage {
  readonly sid: string;
  readonly reply: string;
  readonly payloadAt: number;
  readonly payloadBytes: number;
}

/** Reads what has come; `onMessage` may look at `bytes` only while it runs. */
export function takeNats(
  holder: PartialHolder,
  chunk: Buffer,
  onMessage: (bytes: Buffer, message: NatsMessage) => void,
  onPing: () => void,
): void {
  const bytes = joined(holder, chunk);
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf(CR, at);
    if (lineEnd < 0 || lineEnd + 2 > bytes.length) break;
    const words = bytes.toString('latin1', at, lineEnd).split(' ');
    let end = lineEnd + 2;
    if (words[0] === 'MSG') {
      const payloadBytes = Number(words.at(-1));
      if (end + payloadBytes + 2 > bytes.length) break;
      const reply = words.length > 4 ? (words[3] ?? '') : '';
      onMessage(bytes, { sid: words[2] ?? '', reply, payloadAt: end, payloadBytes });
      end += payloadBytes + 2;
    } else if (words[0] === 'PING') onPing();
    else if (words[0] === '-ERR') throw new Error(words.join(' '));
    at = end;
  }
  keep(holder, bytes.subarray(at));
}

export function createNats(): Protocol {
  return {
    hello: (device) => Buffer.from(deviceHello(device)),
    take(device, chunk) {
      takeNats(
        device,
        chunk,
        (bytes, message) => takeMessage(device, bytes, message),
        () => device.socket?.write('PONG\r\n'),
      );
    },
    ping: () => null,
  };
}

function takeMessage(
  device: Device,
  bytes: Buffer,
  { sid, reply, payloadAt, payloadBytes }: NatsMessage,
): void {
  const { shared } = device.fleet;
  if (sid !== MESSAGES) {
    const answer = bytes.toString('latin1', payloadAt, payloadAt + payloadBytes);
    if (answer.includes('"error"')) throw new Error(`JetStream: ${answer}`);
    welcomed(device);
    return;
  }
  judge(shared, device, bytes, payloadAt);
  device.socket?.write(`PUB ${reply} 0\r\n\r\n`);
  shared.tally.acked += 1;
}
