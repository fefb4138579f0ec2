/** What the app gets to see: messages and commands in the shape of the vendor's SDK. */
import type { PointKind } from '../core/model.js';
import type { ReceivedOplog } from '../wire/frames.js';

/** One message of a bizType. Give it to `reportMsgReceived` once it is processed. */
export interface SyncMessage {
  readonly biz: string;
  /** The user it is for, or empty for data of the device or for everybody. */
  readonly userId: string;
  /**
   * JSON text of a list of `{pl, isB?}`: `pl` is the payload; with `isB: true` it is the base64 of
   * binary data, else it is text (mPaaS MSS guide, 4.2.2). The list has one entry.
   */
  readonly msgData: string;
  /** The id that the back end gave it. */
  readonly thirdMsgId: string;
  /** Position in its stream; the same message always carries the same one. */
  readonly oplogId: number;
  /** Wall-clock ms at which the server accepted it. */
  readonly acceptedMs: number;
  /** Stream that it belongs to; docs/protocol.md 4.1. */
  readonly kind: PointKind;
  /** Not persisted by the server: handed over once and never again. */
  readonly transient: boolean;
}

/** Messages that the sender has taken back. Those that waited for the app are gone from the database. */
export interface Revocation {
  readonly biz: string;
  /** As `SyncMessage.userId`. */
  readonly userId: string;
  /** Stream that they belong to. */
  readonly kind: PointKind;
  /** Of messages that this device has had or, where others had them too, not. */
  readonly thirdMsgIds: readonly string[];
}

/** An operator's command, as it was given. */
export interface SyncCommand {
  readonly command: string;
  readonly commandData: string;
}

/** An entry of `SyncMessage.msgData`. */
export interface PayloadItem {
  readonly pl: string;
  /** Only present when true: the vendor's own sample tests for presence. */
  readonly isB?: true;
}

/** The payload of an oplog as the database and the app carry it. */
export function toPayloadItem(oplog: Pick<ReceivedOplog, 'payload' | 'binary'>): PayloadItem {
  const bytes = Buffer.from(oplog.payload.buffer, oplog.payload.byteOffset, oplog.payload.length);
  return oplog.binary ? { pl: bytes.toString('base64'), isB: true } : { pl: bytes.toString('utf8') };
}

/** The bytes of an entry, whichever form it has. */
export function payloadBytes(item: PayloadItem): Buffer {
  return Buffer.from(item.pl, item.isB === true ? 'base64' : 'utf8');
}
