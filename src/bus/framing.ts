/**
 * Bytes of the socket bus: 4 bytes length, 8 bytes time of sending, then an array of messages in V8's
 * own serialization. Both ends are one build of one program on one machine, so the format may change
 * with any release.
 */
import { Deserializer, Serializer } from 'node:v8';
import { machineMonoMs } from '../clock.js';
import type { ToControl, ToWorker } from './messages.js';
import { pack, unpack } from './packing.js';

const HEADER_BYTES = 12;
/** A longer frame is a broken peer. The largest message is a catalogue. */
export const MAX_FRAME_BYTES = 256 * 1024 * 1024;

/** The peer sent what is no frame. */
export class BusFrameError extends Error {
  override readonly name = 'BusFrameError';
}

/** Frame of several messages. Byte arrays inside are written without their surrounding buffer. */
export function encodeFrame(messages: readonly (ToControl | ToWorker)[]): Buffer {
  const serializer = new MessageSerializer();
  serializer.writeHeader();
  serializer.writeValue(messages.map(pack));
  const body = serializer.releaseBuffer();
  const frame = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  frame.writeUInt32LE(body.length, 0);
  frame.writeDoubleLE(machineMonoMs(), 4);
  frame.set(body, HEADER_BYTES);
  return frame;
}

/** Cuts a byte stream into frames; `onFrame` gets each one's messages and its age in ms. */
export function createFrameReader(onFrame: (messages: unknown[], ageMs: number) => void) {
  const header = Buffer.alloc(HEADER_BYTES);
  let body: Buffer | null = null;
  let filled = 0;

  const take = (target: Buffer, chunk: Buffer, from: number): number => {
    const taken = Math.min(target.length - filled, chunk.length - from);
    chunk.copy(target, filled, from, from + taken);
    filled += taken;
    return from + taken;
  };

  /** @throws {BusFrameError} when the stream is broken; it cannot be read on. */
  return (chunk: Buffer): void => {
    let at = 0;
    while (at < chunk.length) {
      at = take(body ?? header, chunk, at);
      if (filled < (body ?? header).length) return;
      filled = 0;
      if (body === null) {
        const length = header.readUInt32LE(0);
        if (length > MAX_FRAME_BYTES) throw new BusFrameError(`a bus frame of ${length} bytes`);
        body = Buffer.allocUnsafeSlow(length);
        continue;
      }
      const messages = decodeMessages(body);
      body = null;
      onFrame(messages, Math.max(0, machineMonoMs() - header.readDoubleLE(4)));
    }
  };
}

function decodeMessages(body: Buffer): unknown[] {
  try {
    const deserializer = new MessageDeserializer(body);
    deserializer.readHeader();
    const value: unknown = deserializer.readValue();
    if (Array.isArray(value)) return value.map(unpack);
  } catch (error) {
    throw new BusFrameError(`a bus frame that cannot be read: ${String(error)}`);
  }
  throw new BusFrameError('a bus frame without messages');
}

// V8 calls these two methods by name; node's own serializer in `v8.serialize` does the same, but its
// reader returns views that keep the whole frame in memory as long as one record of it lives.
class MessageSerializer extends Serializer {
  constructor() {
    super();
    (
      this as unknown as { _setTreatArrayBufferViewsAsHostObjects(on: boolean): void }
    )._setTreatArrayBufferViewsAsHostObjects(true);
  }

  _writeHostObject(view: Uint8Array): void {
    this.writeUint32(view.length);
    this.writeRawBytes(view);
  }
}

class MessageDeserializer extends Deserializer {
  _readHostObject(): Uint8Array {
    return new Uint8Array(this.readRawBytes(this.readUint32()));
  }
}
