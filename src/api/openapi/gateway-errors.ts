/**
 * The errors that the gateway itself answers with, before or instead of an action's own result
 * codes: Mobile Push OpenAPI 2015-08-27, "error codes", and the current gateway's codes where
 * that document has none.
 */

interface Entry {
  readonly status: number;
  readonly message: string;
}

/** HTTP status and message of every gateway error. `%s` is what the error is about. */
export const GATEWAY_ERRORS = {
  MissingParameter: {
    status: 400,
    message: 'The input parameter "%s" that is mandatory for processing this request is not supplied',
  },
  InvalidParameter: { status: 400, message: 'The specified value of parameter "%s" is not valid.' },
  UnsupportedOperation: { status: 400, message: 'The specified action is not supported.' },
  NoSuchVersion: { status: 400, message: 'The specified version does not exist.' },
  UnsupportedHTTPMethod: { status: 405, message: 'This HTTP method is not supported.' },
  'InvalidPath.NotFound': { status: 404, message: 'The specified path does not exist.' },
  RequestEntityTooLarge: { status: 413, message: 'The request is larger than %s bytes.' },
  'InvalidAccessKeyId.NotFound': {
    status: 400,
    message: 'The Access Key ID provided does not exist in our records.',
  },
  'InvalidAccessKeyId.Inactive': { status: 400, message: 'The Access Key is disabled.' },
  // 403 as Mobile Push says. With 400 the Java and Python cores look into the message for a string
  // to sign, and the Python one fails on a message without a colon.
  SignatureDoesNotMatch: {
    status: 403,
    message:
      'The signature we calculated does not match the one you provided. Please refer to the API reference about authentication for details.',
  },
  IncompleteSignature: {
    status: 400,
    message: 'The request signature does not conform to the standards: %s.',
  },
  InvalidSignatureMethod: { status: 400, message: 'The signature method %s is not supported.' },
  'InvalidTimeStamp.Format': {
    status: 400,
    message: 'The timestamp is not of the form YYYY-MM-DDThh:mm:ssZ.',
  },
  'InvalidTimeStamp.Expired': {
    status: 400,
    message: 'The timestamp differs from the time of the server by more than 15 minutes.',
  },
  SignatureNonceUsed: { status: 400, message: 'Specified signature nonce was used already.' },
  Throttling: { status: 400, message: 'Request was denied due to request throttling.' },
  Forbidden: {
    status: 403,
    message: 'User not authorized to operate on the specified resource.',
  },
  InternalError: {
    status: 500,
    message: 'The request processing has failed due to some unknown error, exception or failure.',
  },
  ServiceUnavailable: {
    status: 503,
    message: 'The request has failed due to a temporary failure of the server.',
  },
} as const satisfies Record<string, Entry>;

export type GatewayErrorCode = keyof typeof GATEWAY_ERRORS;

/** Ends a call with an error envelope. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: GatewayErrorCode;
  readonly status: number;
  /** When the caller may try again, ms; 0 when that is not known. */
  readonly retryAfterMs: number;

  /** @param about the parameter's name or what else the message has a place for */
  constructor(code: GatewayErrorCode, about = '', retryAfterMs = 0) {
    const entry: Entry = GATEWAY_ERRORS[code];
    super(entry.message.replace('%s', () => about));
    this.code = code;
    this.status = entry.status;
    this.retryAfterMs = retryAfterMs;
  }
}
