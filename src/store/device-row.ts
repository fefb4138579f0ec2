/** A device record as JSON: the same row in every driver that keeps one. */
import type { DeviceRecord } from '../core/model.js';

/** Its key hash is base64 there. */
export function rowOfDevice(record: DeviceRecord): unknown {
  return { ...record, keyHash: Buffer.from(record.keyHash).toString('base64') };
}

/** The reverse of `rowOfDevice`. */
export function deviceOfRow(row: unknown): DeviceRecord {
  const record = row as Omit<DeviceRecord, 'keyHash'> & { readonly keyHash: string };
  return { ...record, keyHash: Uint8Array.from(Buffer.from(record.keyHash, 'base64')) };
}
