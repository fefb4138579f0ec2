/** The message as the app's push client gets it: mPaaS MPS guide, 4.1 ("k" and "bData"). */
import { PushRefusal } from './codes.js';

/** What is shown, or handed over in silence. */
export interface PushContent {
  readonly title: string;
  readonly content: string;
  readonly uri: string;
  /** 0 web address, 1 activity. */
  readonly action: number;
  readonly silent: boolean;
  /** 0 default, 1 big text, 2 image and text. */
  readonly style: number;
  /** By channel; JSON objects as text, or empty. */
  readonly imageUrls: string;
  readonly iconUrls: string;
  /** Own extended parameters. */
  readonly params: ReadonlyMap<string, string>;
}

/** A push is a note and no document: what comes with it the app fetches. */
export const MAX_BODY_BYTES = 16_384;

/**
 * JSON of `k` (`id`, 32 hex characters, first so that it can be read in passing), the message's id, and `bData`, its content as JSON text: the app reports openings with
 * just these two.
 *
 * @throws {PushRefusal} 3050
 */
export function messageBody(id: string, content: PushContent): Uint8Array {
  const { title, content: text, uri, action, silent, style, imageUrls, iconUrls, params } = content;
  const bData = JSON.stringify({
    title,
    content: text,
    uri,
    action: String(action),
    silent: String(silent),
    pushStyle: String(style),
    ...(imageUrls === '' ? {} : { imageUrls }),
    ...(iconUrls === '' ? {} : { iconUrls }),
    params: Object.fromEntries(params),
  });
  const body = Buffer.from(JSON.stringify({ k: id, bData }));
  if (body.length > MAX_BODY_BYTES) throw new PushRefusal('3050', `more than ${MAX_BODY_BYTES} bytes`);
  return body;
}
