/**
 * The one catalogue of codes. docs/protocol.md lists every one; a test holds the two equal.
 */

/**
 * Why a connection ended (Kick.code). The range tells a client what to do:
 * 4000-4199 come back (after `retryAfterMs`), 4200-4399 do not come back unasked,
 * 4400-4599 the peer broke the protocol: come back with the long back-off.
 */
export const CloseCode = {
  /** The server is going away or moves its devices. */
  DRAINING: 4000,
  /** No frame within one and a half heartbeats. */
  HEARTBEAT_TIMEOUT: 4001,
  /** The device did not read for too long. */
  SLOW_READER: 4002,
  /** The server holds as many connections as it may. */
  SERVER_FULL: 4003,
  /** Connections arrive faster than the server takes them. */
  ACCEPT_RATE: 4004,
  /** Too many connections from one address. */
  ADDRESS_LIMIT: 4005,
  /** The device connects again and again. */
  FLAPPING: 4006,
  /** The store or the route table did not answer. */
  UNAVAILABLE: 4007,
  /** An operator closed it. */
  KICKED: 4008,
  /** The device said Bye, or closed. */
  BYE: 4009,
  /** The route of the session was given to a newer one while this worker stood still. */
  STALE: 4010,

  /** A newer connection of the same device took over. */
  REPLACED: 4200,
  /** The instance is not known. */
  UNKNOWN_INSTANCE: 4201,
  /** The protocol version is not spoken here. */
  UNSUPPORTED_VERSION: 4202,

  /** Bytes that are no frame, or a frame that is not allowed here. */
  PROTOCOL_ERROR: 4400,
  /** A frame is longer than the limit. */
  FRAME_TOO_LONG: 4401,
  /** No Hello in time. */
  HELLO_TIMEOUT: 4402,
  /** Too many bytes before the Hello. */
  HELLO_TOO_LONG: 4403,
  /** More frames a second than allowed. */
  FRAME_RATE: 4404,
  /** More sync points or subscriptions than allowed. */
  TOO_MANY_SUBSCRIPTIONS: 4405,
  /** A field of the Hello is missing or too long. */
  INVALID_HELLO: 4406,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/**
 * Result codes of `/webapi/sync/*` (mPaaS MSS guide, 5.2 and 5.3), and whether they mean success.
 * SIGNATURE_MISMATCH has its name from the mPaaS push guide: the sync guide has the switch for the
 * signature, but no code for it.
 */
export const SyncResult = {
  SUCCESS: true,
  DUPLICATED_BIZ_ID: true,
  NOT_ONLINE: true,
  THIRDMSGID_IS_NULL: false,
  BIZ_NOT_ONLINE: false,
  ARGS_IS_NULL: false,
  NOT_SUPPORT_GLOBAL: false,
  PAYLOAD_LONG: false,
  THIRD_MSG_ID_LONG: false,
  SYSTEM_ERROR: false,
  SIGNATURE_MISMATCH: false,
} as const;
export type SyncResult = keyof typeof SyncResult;

/** Codes of Result frames and of Welcome.result. */
export const FrameResult = {
  OK: 'OK',
  /** The request's fields are missing or too long. */
  INVALID: 'INVALID',
  /** The store did not answer; ask again. */
  UNAVAILABLE: 'UNAVAILABLE',
  /** Welcome: a back end has unbound the user that Hello names. */
  UNBOUND: 'UNBOUND',
  /** This server does not do that. */
  UNSUPPORTED: 'UNSUPPORTED',
} as const;
export type FrameResult = (typeof FrameResult)[keyof typeof FrameResult];
