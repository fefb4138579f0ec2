import type { CloseCode } from '../core/codes.js';

/** Bytes that are no frame, or a frame that is not allowed: the connection ends with `code`. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: CloseCode;

  /**
   * @param code Goes to the peer in a Kick.
   * @param message For logs; never contains payload.
   */
  constructor(code: CloseCode, message: string) {
    super(message);
    this.code = code;
  }
}
