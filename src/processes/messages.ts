/** What the supervisor and its children say to each other over the process channel. */
import type { Config } from '../config.js';
import type { ExitCode } from './start-error.js';

/** Where something listens, for the operator. */
export interface Address {
  /** `api`, `admin` or the name of a device listener. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** `tcp`, `tls`, `http` or `https`. */
  readonly protocol: string;
}

export interface StartMessage {
  readonly type: 'start';
  readonly config: Config;
  /** Number of the worker; 0 for control. */
  readonly worker: number;
  /** 48 secret bytes in base64 that all workers share for TLS tickets; empty for control. */
  readonly ticketKeys: string;
  /** Another process had this place before and has died. */
  readonly takesOver: boolean;
}

export type ToChild =
  | StartMessage
  | { readonly type: 'ticketKeys'; readonly ticketKeys: string }
  | { readonly type: 'reloadCertificates' }
  /** End in order: a worker sends its devices away first, over `overMs`. */
  | { readonly type: 'stop'; readonly overMs: number };

export type FromChild =
  /** The child listens to messages and waits for `start`. */
  | { readonly type: 'hello' }
  | { readonly type: 'ready'; readonly addresses: readonly Address[] }
  /** It cannot start, for a reason to be shown as it is; it exits with the code. */
  | { readonly type: 'failed'; readonly message: string; readonly exitCode: ExitCode };
