/**
 * What control and link workers of one machine say to each other. The in-process bus passes the
 * objects; the socket bus serializes an array of them per turn. Both ends are always one build.
 */
import type { CloseCode } from '../core/codes.js';
import type { DeviceRecord } from '../core/model.js';
import type { AttachRequest, Catalogue, ProgressBatch, Wake } from '../core/ports.js';
import type { ReportRequest } from '../core/reports.js';

/** From a link worker to control. `seq` asks for an answer with the same number. */
export type ToControl =
  | { readonly type: 'join'; readonly worker: number; readonly pid: number }
  /** The device ports of the worker are open. Said again after a rest and after a lost control. */
  | { readonly type: 'listening' }
  /** The worker has hardly room for more connections, or has it again. Said again after a lost control. */
  | { readonly type: 'full'; readonly full: boolean }
  | { readonly type: 'attach'; readonly seq: number; readonly request: AttachRequest }
  | {
      readonly type: 'rebind';
      readonly seq: number;
      readonly session: number;
      readonly user: string;
      readonly bindSeq: number;
    }
  | { readonly type: 'detach'; readonly session: number }
  | { readonly type: 'state'; readonly session: number; readonly foreground: boolean }
  /** The session has stopped feeding its user's single-device streams; its last acks were sent before. */
  | { readonly type: 'released'; readonly session: number; readonly grant: number }
  | { readonly type: 'progress'; readonly seq: number; readonly batch: ProgressBatch }
  | { readonly type: 'saveDevice'; readonly seq: number; readonly record: DeviceRecord }
  | {
      readonly type: 'raiseFloor';
      readonly seq: number;
      readonly stream: Wake['stream'];
      readonly floor: number;
    }
  | {
      readonly type: 'validate';
      readonly seq: number;
      readonly instance: string;
      readonly user: string;
      readonly sessionId: string;
    }
  | { readonly type: 'report'; readonly seq: number; readonly request: ReportRequest }
  | { readonly type: 'fenced'; readonly seq: number }
  | { readonly type: 'metrics'; readonly seq: number; readonly json: unknown };

/** From control to a link worker. */
export type ToWorker =
  | { readonly type: 'catalogue'; readonly catalogue: Catalogue }
  /** Renews the worker's lease: without one it sends no data (docs/architecture.md, "Fencing"). */
  | { readonly type: 'lease'; readonly forMs: number }
  | {
      readonly type: 'attached';
      readonly seq: number;
      readonly epoch: number;
      readonly refused: CloseCode | 0;
      readonly retryAfterMs: number;
    }
  | { readonly type: 'done'; readonly seq: number; readonly ok: boolean; readonly value?: unknown }
  /** For the named sessions of this worker. */
  | { readonly type: 'wake'; readonly sessions: readonly number[]; readonly wake: Wake }
  /** Global: for every session of the instance. */
  | { readonly type: 'wakeAll'; readonly wake: Wake }
  | {
      readonly type: 'fence';
      readonly seq: number;
      readonly session: number;
      readonly epoch: number;
      readonly code: CloseCode;
    }
  | {
      readonly type: 'kick';
      readonly session: number;
      readonly code: CloseCode;
      readonly retryAfterMs: number;
      readonly redirect: string;
    }
  /** Begin or stop feeding the single-device streams of the user bound as `bindSeq`. `grant` numbers the hand-over. */
  | {
      readonly type: 'feeder';
      readonly session: number;
      readonly on: boolean;
      readonly grant: number;
      readonly bindSeq: number;
    }
  | { readonly type: 'command'; readonly session: number; readonly name: string; readonly body: string }
  /** Leaves new connections to the other workers, or accepts them again. */
  | { readonly type: 'rest'; readonly on: boolean }
  /** Believe the system clock again after a held step. */
  | { readonly type: 'acceptClock' }
  | {
      readonly type: 'drain';
      readonly overMs: number;
      readonly redirect: string;
      /** Other nodes take the devices: each stays until its turn, and no new one is let in. */
      readonly away: boolean;
    }
  /** Wake-ups may have been lost: every session compares heads. */
  | { readonly type: 'recheck' }
  | { readonly type: 'metricsRequest'; readonly seq: number };
