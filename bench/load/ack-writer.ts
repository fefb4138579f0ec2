/** Acks from templates: everything but the position is the same for all devices of a stream. */
import type { PointKind } from '../../src/core/model.js';
import { encodeClientFrame } from '../../src/wire/frames.js';
import type { SyncView } from './sync-reader.js';

/** A position of 51 bits, as ids made of microseconds are: so many bytes on the wire. */
const THROUGH_BYTES = 8;
const SAMPLE_THROUGH = 2 ** 50;

interface Template {
  readonly bindSeq: number;
  readonly bytes: Buffer;
}

/** Writes the acks of one bizType. */
export interface AckWriter {
  readonly kind: PointKind;
  readonly biz: string;
  template: Template | null;
}

export function createAckWriter(kind: PointKind, biz: string): AckWriter {
  return { kind, biz, template: null };
}

/** The ack of a batch that was just read from `frame`. */
export function ackOf(writer: AckWriter, frame: Buffer, view: SyncView): Uint8Array {
  const { kind, biz } = writer;
  const { bindSeq, through, transient, late } = view;
  if (transient || late || view.throughBytes !== THROUGH_BYTES)
    return encodeClientFrame({ type: 'ack', kind, biz, bindSeq, through, transient, late });
  if (writer.template?.bindSeq !== bindSeq) {
    const sample = { type: 'ack', kind, biz, bindSeq, through: SAMPLE_THROUGH, transient, late } as const;
    writer.template = { bindSeq, bytes: Buffer.from(encodeClientFrame(sample)) };
  }
  // The position comes last in the frame.
  const { bytes } = writer.template;
  const ack = Buffer.allocUnsafe(bytes.length);
  bytes.copy(ack, 0, 0, bytes.length - THROUGH_BYTES);
  frame.copy(ack, bytes.length - THROUGH_BYTES, view.throughAt, view.throughAt + THROUGH_BYTES);
  return ack;
}
