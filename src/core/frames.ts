/** Frames as the core sees them: validated, ids as safe numbers. wire/ turns them into bytes and back. */
import type { CloseCode } from './codes.js';
import type { Oplog, PointKind } from './model.js';

/** A position that the device names or is told. docs/protocol.md 4.2. */
export interface PointOnWire {
  readonly kind: PointKind;
  readonly biz: string;
  /** Clamped to Number.MAX_SAFE_INTEGER by the decoder. */
  readonly point: number;
}

export interface HelloFrame {
  readonly type: 'hello';
  readonly protocol: number;
  readonly appId: string;
  readonly workspaceId: string;
  readonly deviceId: string;
  readonly adToken: string;
  readonly deviceKey: Uint8Array;
  readonly userId: string;
  readonly sessionId: string;
  readonly os: string;
  readonly appVersion: string;
  readonly foreground: boolean;
  readonly heartbeatSec: number;
  readonly syncPoints: readonly PointOnWire[];
  readonly model: string;
  readonly sdkVersion: string;
}

export type ClientFrame =
  | HelloFrame
  | { readonly type: 'ping'; readonly clientTimeMs: number }
  | {
      readonly type: 'ack';
      readonly kind: PointKind;
      readonly biz: string;
      readonly bindSeq: number;
      readonly through: number;
      readonly transient: boolean;
      readonly late: boolean;
    }
  | {
      readonly type: 'bindUser';
      readonly request: number;
      readonly userId: string;
      readonly sessionId: string;
      readonly syncPoints: readonly PointOnWire[];
    }
  | { readonly type: 'unbindUser'; readonly request: number }
  | { readonly type: 'bindAlias'; readonly request: number; readonly alias: string }
  | { readonly type: 'unbindAlias'; readonly request: number; readonly alias: string }
  | { readonly type: 'listAliases'; readonly request: number }
  | { readonly type: 'appState'; readonly foreground: boolean }
  | { readonly type: 'registerBiz'; readonly request: number; readonly syncPoints: readonly PointOnWire[] }
  | { readonly type: 'unregisterBiz'; readonly request: number; readonly bizTypes: readonly string[] }
  | {
      readonly type: 'reportToken';
      readonly request: number;
      readonly vendor: string;
      readonly vendorToken: string;
      readonly appVersion: string;
      readonly model: string;
    }
  | {
      readonly type: 'reportEvent';
      readonly request: number;
      readonly kind: string;
      readonly messageId: string;
      readonly atMs: number;
    }
  | { readonly type: 'bye' }
  /** A body this version does not know: ignored (docs/protocol.md 1.5). */
  | { readonly type: 'unknown' };

/** A frame to the device. */
export type ServerFrame =
  | {
      readonly type: 'welcome';
      readonly session: number;
      readonly adToken: string;
      /** Empty unless issued now. */
      readonly deviceKey: Uint8Array;
      readonly heartbeatSec: number;
      readonly serverTimeMs: number;
      readonly correctedPoints: readonly PointOnWire[];
      readonly bindSeq: number;
      readonly maxFrameBytes: number;
      readonly userBound: boolean;
      readonly result: string;
      /** Whom a back end has bound, and not Hello; or empty. */
      readonly boundUser: string;
    }
  | { readonly type: 'pong'; readonly clientTimeMs: number; readonly serverTimeMs: number }
  | {
      readonly type: 'sync';
      readonly kind: PointKind;
      readonly biz: string;
      readonly bindSeq: number;
      readonly from: number;
      readonly through: number;
      readonly oplogs: readonly Oplog[];
      readonly transient: boolean;
      readonly late: boolean;
      /** The device adopts `from` when its own point lies before it (single-device sync). */
      readonly serverPoint: boolean;
    }
  /** Takes messages of one stream back, by their thirdMsgIds (docs/protocol.md 7.2). */
  | {
      readonly type: 'revoke';
      readonly kind: PointKind;
      readonly biz: string;
      readonly bindSeq: number;
      readonly messageIds: readonly string[];
    }
  | {
      readonly type: 'result';
      readonly request: number;
      readonly code: string;
      readonly message: string;
      readonly bindSeq: number;
      readonly correctedPoints: readonly PointOnWire[];
      /** What was asked for, where names were. */
      readonly names?: readonly string[];
    }
  | {
      readonly type: 'kick';
      readonly code: CloseCode;
      readonly reason: string;
      readonly retryAfterMs: number;
      readonly redirect: string;
    }
  | { readonly type: 'command'; readonly name: string; readonly body: string };
