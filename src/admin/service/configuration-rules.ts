/** What a sync configuration may look like. mPaaS MSS guide, 6.2. */
import { MAX_RETENTION_MS, type SyncConfig } from '../../core/model.js';
import { ServiceError } from './context.js';
import { isLongerThan } from './field-values.js';

/** Characters. */
export const MAX_DESCRIPTION = 500;
/** A shorter retention would end data before most phones come back once. */
export const MIN_RETENTION_MS = 1000;
export const MAX_THRESHOLD = 1_000_000;

/** Letters and digits of any script; no slash, space or control character, for keys and paths. */
const BIZ_TYPE = /^[\p{L}\p{N}][\p{L}\p{N}_.:-]*$/u;

/** @throws {ServiceError} INVALID naming the field and the limit */
export function checkConfiguration(config: SyncConfig, maxBizType: number): void {
  if (!BIZ_TYPE.test(config.biz) || isLongerThan(config.biz, maxBizType)) {
    throw new ServiceError(
      'INVALID',
      `bizType may have 1 to ${maxBizType} letters, digits and . _ : -`,
      'bizType',
      maxBizType,
    );
  }
  if (isLongerThan(config.description, MAX_DESCRIPTION)) {
    throw new ServiceError('INVALID', 'description is too long', 'description', MAX_DESCRIPTION);
  }
  checkRange('retentionMs', config.retentionMs, MIN_RETENTION_MS, MAX_RETENTION_MS);
  if (config.threshold !== null) {
    checkRange('threshold', config.threshold, 1, MAX_THRESHOLD);
    if (!config.persisted) {
      throw new ServiceError('INVALID', 'threshold needs persisted data', 'threshold');
    }
  }
  if (config.userConsistency && config.object !== 'user') {
    throw new ServiceError('INVALID', 'userConsistency needs object user', 'userConsistency');
  }
  if (!config.multiDevice && (config.scope === 'global' || config.object === 'device')) {
    throw new ServiceError(
      'INVALID',
      'single-device sync is only for scope specified and object user',
      'multiDevice',
    );
  }
}

function checkRange(field: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new ServiceError('INVALID', `${field} must be a whole number of at least ${least}`, field, least);
  }
  if (value > most) throw new ServiceError('INVALID', `${field} must not be above ${most}`, field, most);
}
