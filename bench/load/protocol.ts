/** What a device speaks. One object for all devices of a process; a device is only its state. */
import type { Device } from './device.js';

export interface Protocol {
  /** First bytes on a new connection. */
  hello(device: Device): Uint8Array;
  /** One chunk from the socket; the bytes are used again when this returns. */
  take(device: Device, chunk: Buffer): void;
  /** Keeps the connection alive, or null when nothing is needed. */
  ping(): Uint8Array | null;
}
