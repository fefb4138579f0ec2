/**
 * How each of the three APIs behind the one endpoint says yes and no. mPaaS answers refusals with
 * HTTP 200 and a result code; Mobile Push with an error envelope.
 */

import { mpsMessage } from '../../push/codes.js';
import { GATEWAY_ERRORS, GatewayError, type GatewayErrorCode } from './gateway-errors.js';
import type { Problem } from './parameters.js';

/** Fields of an answer beside RequestId. */
export type Fields = Readonly<Record<string, unknown>>;

/** An action's own no, with a result code of its API. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: string;

  /** @param detail what to do about it, or empty when the code says all */
  constructor(code: string, detail = '') {
    super(detail);
    this.code = code;
  }
}

export interface Family {
  readonly name: string;
  /** The result code of a parameter that has none of its own. */
  readonly problems: Readonly<Record<Problem, string>>;
  /** The result code when the key may not act on the app, or there is no such app: one answer for both. */
  readonly denied: string;
  /** The result code when the store does not answer. */
  readonly unavailable: string;
  /** Refusals of a parameter have a place for its name only, not for a sentence. */
  readonly namesParameter: boolean;
  readonly success: (fields: Fields) => Fields;
  /** @throws {GatewayError} when the API knows no other way to refuse */
  readonly refusal: (code: string, detail: string) => Fields;
}

/** Data synchronization: CreateOpenSingleData, CreateOpenGlobalData. */
export const SYNC: Family = {
  name: 'data synchronization',
  problems: {
    missing: 'ARGS_IS_NULL',
    invalid: 'ARGS_IS_NULL',
    tooLong: 'ARGS_IS_NULL',
    tooMany: 'ARGS_IS_NULL',
  },
  denied: 'INVALID_TENANT_ID',
  unavailable: 'SYSTEM_ERROR',
  namesParameter: false,
  success: (fields) => ({
    ResultCode: 'SUCCESS',
    ResultMessage: 'SUCCESS',
    Result: true,
    HttpStatusCode: 200,
    ...fields,
  }),
  refusal: (code, detail) => ({
    ResultCode: code,
    ResultMessage: detail === '' ? code : `${code}: ${detail}`,
    Result: false,
    HttpStatusCode: 200,
  }),
};

const MPS_COMMON = {
  problems: { missing: '3028', invalid: '3028', tooLong: '3028', tooMany: '3028' },
  denied: '8014',
  unavailable: '9000',
  namesParameter: false,
} as const;

/** Message push: pushes, revocations, bindings and reports, which answer with a PushResult. */
export const PUSH: Family = {
  name: 'message push',
  ...MPS_COMMON,
  success: (fields) => ({
    ResultCode: 'OK',
    ResultMessage: 'SUCCESS',
    PushResult: { Success: true, ResultMsg: 'SUCCESS', ...fields },
  }),
  refusal: (code, detail) => {
    const message = mpsMessage(code, detail);
    return {
      ResultCode: code,
      ResultMessage: message,
      PushResult: { Success: false, ResultMsg: message },
    };
  },
};

/** Message push: queries, which answer with a ResultContent. */
export const PUSH_QUERY: Family = {
  name: 'message push',
  ...MPS_COMMON,
  success: (fields) => ({ ResultCode: 'OK', ResultMessage: 'SUCCESS', ...fields }),
  refusal: (code, detail) => ({ ResultCode: code, ResultMessage: mpsMessage(code, detail) }),
};

/** Message push: templates, whose success is Code 100. */
export const PUSH_TEMPLATE: Family = {
  name: 'message push',
  ...MPS_COMMON,
  success: (fields) => ({ Code: '100', Msg: 'SUCCESS', Success: true, ...fields }),
  refusal: (code, detail) => ({ Code: code, Msg: mpsMessage(code, detail), Success: false }),
};

/** Message push: the state of a device, as the templates but for the name of the message. */
export const PUSH_DEVICE: Family = {
  name: 'message push',
  ...MPS_COMMON,
  success: (fields) => ({ Code: '100', Message: 'SUCCESS', Success: true, ...fields }),
  refusal: (code, detail) => ({ Code: code, Message: mpsMessage(code, detail), Success: false }),
};

/** Mobile Push, version 2015-08-27: refusals are gateway errors. */
export const MOBILE_PUSH: Family = {
  name: 'Mobile Push',
  problems: {
    missing: 'MissingParameter',
    invalid: 'InvalidParameter',
    tooLong: 'InvalidParameter',
    tooMany: 'InvalidParameter',
  },
  denied: 'Forbidden',
  unavailable: 'ServiceUnavailable',
  namesParameter: true,
  success: (fields) => fields,
  refusal: (code, detail) => {
    throw new GatewayError(isGatewayCode(code) ? code : 'InternalError', detail);
  },
};

function isGatewayCode(code: string): code is GatewayErrorCode {
  return Object.hasOwn(GATEWAY_ERRORS, code);
}
