/** Who the device is to the server, as it is stored: the Ad-token, and the key that proves it. */
import type { StorageWrite } from './storage.js';

export interface Identity {
  readonly adToken: string;
  /** Hex. */
  readonly deviceKey: string;
}

export function readIdentity(content: ReadonlyMap<string, string>, deviceId: string): Identity {
  const text = content.get(keyOf(deviceId));
  return text === undefined ? { adToken: '', deviceKey: '' } : (JSON.parse(text) as Identity);
}

export function identityWrite(deviceId: string, identity: Identity): StorageWrite {
  return [keyOf(deviceId), JSON.stringify(identity)];
}

function keyOf(deviceId: string): string {
  return `identity ${deviceId}`;
}
