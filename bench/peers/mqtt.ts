/** MQTT 3.1.1 as a device with one subscription speaks it, QoS 1. OASIS MQTT 3.1.1, 2.2 and 3. */
import { type Device, welcomed } from '../load/device.js';
import { deviceName } from '../load/payload.js';
import type { Protocol } from '../load/protocol.js';
import { judge } from '../load/tally.js';
import { joined, keep } from './pieces.js';

const CONNACK = 0x20;
const PUBLISH = 0x30;
const SUBACK = 0x90;
const QOS1 = 0x02;
const PUBACK_BYTES = 4;

function packet(type: number, body: Buffer): Buffer {
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from([type, ...length]), body]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

/** CONNECT with a clean session and no keep-alive. */
export function connectPacket(clientId: string): Buffer {
  return packet(0x10, Buffer.concat([text('MQTT'), Buffer.from([4, 2, 0, 0]), text(clientId)]));
}

/** The topic of a device's messages. */
export function topicOf(device: number): string {
  return `m/${deviceName(device)}`;
}

/** PUBLISH with QoS 1; the packet id, here 0, stands right before the payload. */
export function publishPacket(device: number, payload: string): Buffer {
  const topic = text(topicOf(device));
  return packet(PUBLISH | QOS1, Buffer.concat([topic, Buffer.from([0, 0]), Buffer.from(payload)]));
}

export function createMqtt(): Protocol {
  return {
    hello: (device) => connectPacket(deviceName(device.index)),
    take(device, chunk) {
      const bytes = joined(device, chunk);
      let at = 0;
      for (;;) {
        const whole = packetEnd(bytes, at);
        if (whole === null) break;
        takePacket(device, bytes, at, whole.bodyAt, whole.end);
        at = whole.end;
      }
      keep(device, bytes.subarray(at));
    },
    ping: () => null,
  };
}

function packetEnd(bytes: Buffer, at: number): { bodyAt: number; end: number } | null {
  let length = 0;
  for (let i = 0; i < 4; i += 1) {
    const byte = bytes[at + 1 + i];
    if (byte === undefined) return null;
    length |= (byte & 127) << (7 * i);
    if (byte < 128) {
      const bodyAt = at + 2 + i;
      return bodyAt + length > bytes.length ? null : { bodyAt, end: bodyAt + length };
    }
  }
  throw new Error('not MQTT');
}

function takePacket(device: Device, bytes: Buffer, at: number, bodyAt: number, end: number): void {
  const type = (bytes[at] ?? 0) & 0xf0;
  if (type === CONNACK) {
    const filter = Buffer.concat([Buffer.from([0, 1]), text(topicOf(device.index)), Buffer.from([1])]);
    device.socket?.write(packet(0x82, filter));
  } else if (type === SUBACK) welcomed(device);
  else if (type === PUBLISH) takePublish(device, bytes, bodyAt, end);
}

function takePublish(device: Device, bytes: Buffer, bodyAt: number, end: number): void {
  const { shared } = device.fleet;
  const idAt = bodyAt + 2 + bytes.readUInt16BE(bodyAt);
  if (idAt + 2 > end) return;
  judge(shared, device, bytes, idAt + 2);
  const ack = Buffer.allocUnsafe(PUBACK_BYTES);
  ack[0] = 0x40;
  ack[1] = 2;
  bytes.copy(ack, 2, idAt, idAt + 2);
  device.socket?.write(ack);
  shared.tally.acked += 1;
}
