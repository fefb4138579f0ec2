/** Bytes to frames and back: the one door to wire/ for everybody else. */
export { type DecodeLimits, decodeClientFrame, encodeClientFrame } from './client-frames.js';
export { decodeOplogBody, encodeOplogBody, type OplogBody } from './oplog-body.js';
export {
  decodeServerFrame,
  encodeServerFrame,
  type ReceivedFrame,
  type ReceivedOplog,
  type ReceivedRevoke,
  type ReceivedSync,
} from './server-frames.js';
export { type ChunkCursor, dropPartial, type PartialHolder, takeFrame } from './splitter.js';
export { WireError } from './wire-error.js';
