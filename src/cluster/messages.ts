/**
 * What nodes say to each other. As JSON: while nodes are replaced one by one, two releases talk. What
 * a release does not know it ignores.
 */
import type { CloseCode } from '../core/codes.js';
import type { OwnerKind } from '../core/model.js';
import type { Route, Wake } from '../core/ports.js';

/** What a node may be asked. */
export type NodeQuestion =
  | { readonly kind: 'find'; readonly instance: string; readonly owner: OwnerKind; readonly name: string }
  | { readonly kind: 'list'; readonly instance: string; readonly limit: number };

export type NodeMessage =
  | { readonly type: 'wake'; readonly wake: Wake }
  /** End the session of the device that has this epoch or an older one, and say so. */
  | {
      readonly type: 'fence';
      readonly instance: string;
      readonly deviceId: string;
      readonly epoch: number;
      readonly from: string;
      readonly seq: number;
    }
  | { readonly type: 'fenced'; readonly seq: number }
  /** Look again who feeds the user's single-device streams. */
  | { readonly type: 'feeder'; readonly instance: string; readonly user: string }
  /** Documents that are held in memory have changed in the store. */
  | { readonly type: 'changed' }
  | {
      readonly type: 'kick';
      readonly route: Route;
      readonly code: CloseCode;
      readonly retryAfterMs: number;
      readonly redirect: string;
    }
  | { readonly type: 'drain'; readonly overMs: number; readonly redirect: string }
  | {
      readonly type: 'ask';
      readonly seq: number;
      readonly from: string;
      readonly question: NodeQuestion;
    }
  | { readonly type: 'answer'; readonly seq: number; readonly routes: readonly Route[] };

/** Several messages as one text. */
export function encodeMessages(messages: readonly NodeMessage[]): string {
  return JSON.stringify(messages, function (this: Record<string, unknown>, key: string, value: unknown) {
    // Not `value`: a Buffer has turned itself into a list of numbers there.
    const bytes = this[key];
    return bytes instanceof Uint8Array ? { $bytes: Buffer.from(bytes).toString('base64') } : value;
  });
}

/** What was encoded; empty when it cannot be read. */
export function decodeMessages(text: string): NodeMessage[] {
  try {
    const read: unknown = JSON.parse(text, (_key, value: unknown) => bytesOf(value) ?? value);
    return Array.isArray(read) ? (read as NodeMessage[]) : [];
  } catch {
    return [];
  }
}

function bytesOf(value: unknown): Uint8Array | null {
  if (typeof value !== 'object' || value === null || !('$bytes' in value)) return null;
  return new Uint8Array(Buffer.from(String(value.$bytes), 'base64'));
}
