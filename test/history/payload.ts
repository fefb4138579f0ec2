/** Payloads that a receiver can judge by themselves: the message's name, a filling, and a hash over both. */
import { createHash } from 'node:crypto';

export interface Marked {
  readonly msg: string;
  readonly h: string;
}

function hashOf(msg: string, pad: string): string {
  return createHash('md5').update(msg).update('\0').update(pad).digest('base64url').slice(0, 10);
}

/** @param pad filling, to reach a size or to tell two payloads of one message apart. */
export function markPayload(msg: string, pad = ''): Marked & { readonly payload: string } {
  const h = hashOf(msg, pad);
  return { msg, h, payload: JSON.stringify({ msg, h, pad }) };
}

/** A push has the payload as its text. */
function contentOf(push: string): { readonly msg: unknown; readonly h: unknown; readonly pad: unknown } {
  const { content } = JSON.parse(push) as { readonly content: string };
  return JSON.parse(content) as { msg: unknown; h: unknown; pad: unknown };
}

/** Reads a payload back. One that was damaged gets a hash that no sender ever wrote. */
export function readPayload(bytes: Uint8Array): Marked {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    const { bData, ...sent } = JSON.parse(text) as {
      bData?: unknown;
      msg: unknown;
      h: unknown;
      pad: unknown;
    };
    const { msg, h, pad } = typeof bData === 'string' ? contentOf(bData) : sent;
    if (typeof msg === 'string' && typeof h === 'string' && typeof pad === 'string')
      return { msg, h: h === hashOf(msg, pad) ? h : `damaged:${h}` };
  } catch {
    // Not ours at all: named by what it is, so that the checker can show it.
  }
  return { msg: `unreadable:${text.slice(0, 40)}`, h: '' };
}
