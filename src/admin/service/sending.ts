/** What a checked sync request looks like, and what became of it. */
import type { SyncResult } from '../../core/codes.js';

export interface SendRequest {
  readonly instance: string;
  readonly biz: string;
  readonly global: boolean;
  readonly linkToken: string;
  readonly thirdMsgId: string;
  readonly payload: Uint8Array;
  readonly binary: boolean;
  readonly os?: string;
  readonly minVersion?: string;
  readonly maxVersion?: string;
  readonly validStartMs?: number;
  readonly validEndMs?: number;
  readonly minUid?: number;
  readonly maxUid?: number;
  readonly uids?: readonly number[];
  readonly trace?: boolean;
  readonly resendOf?: number;
}

export interface SendOutcome {
  readonly result: SyncResult;
  readonly id: number | null;
  readonly scheduledMs?: number;
}

export type Send = (request: SendRequest) => Promise<SendOutcome>;
