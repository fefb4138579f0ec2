/** Tenants: created, changed and deleted. */
import type { Instance } from '../../core/model.js';
import { type AuditAction, auditWrite } from './audit.js';
import { findInstance, INSTANCES, nextVersion } from './catalogue.js';
import { type Actor, type ServiceContext, ServiceError } from './context.js';
import { readSignatureKey } from './signature-key.js';

/** mPaaS MSS guide, 5.4: "must be". The guide also prints `com.antcloud…`, hence configurable. */
export const DEFAULT_VALIDATE_OPERATION = 'com.antdcloud.session.validate';

export interface NewInstance {
  readonly workspaceId: string;
  readonly appId: string;
}

export interface InstanceChange {
  readonly signature?: boolean;
  readonly signaturePublicKey?: string;
  readonly validateUrl?: string;
  readonly validateOperation?: string;
  readonly validateAllow?: readonly string[];
}

/** Without `_` in the workspace id, so that a key splits in one way only. */
const WORKSPACE_ID = /^[A-Za-z0-9.-]{1,64}$/;
const APP_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** @throws {ServiceError} NOT_FOUND */
export function getInstance(context: Pick<ServiceContext, 'catalogue'>, key: string): Instance {
  const index = findInstance(context.catalogue(), key);
  if (index === null) throw new ServiceError('NOT_FOUND', `no instance ${JSON.stringify(key)}`, 'instance');
  return index.instance;
}

/** @throws {ServiceError} INVALID, EXISTS */
export function createInstance(context: ServiceContext, actor: Actor, input: NewInstance): Promise<Instance> {
  return context.exclusive(async () => {
    if (!WORKSPACE_ID.test(input.workspaceId)) {
      throw new ServiceError(
        'INVALID',
        'workspaceId may have 1 to 64 letters, digits, dots and hyphens',
        'workspaceId',
        64,
      );
    }
    if (!APP_ID.test(input.appId)) {
      throw new ServiceError(
        'INVALID',
        'appId may have 1 to 64 letters, digits, dots, hyphens and underscores',
        'appId',
        64,
      );
    }
    const key = `${input.workspaceId}_${input.appId}`;
    if ((await stored(context, key)) !== null) {
      throw new ServiceError('EXISTS', `instance ${key} exists`, 'appId');
    }
    const instance: Instance = {
      key,
      workspaceId: input.workspaceId,
      appId: input.appId,
      signature: false,
      signaturePublicKey: '',
      validateUrl: '',
      validateOperation: DEFAULT_VALIDATE_OPERATION,
      createdMs: context.clock().wall,
    };
    await save(context, actor, 'instance.create', null, instance);
    return instance;
  });
}

/** @throws {ServiceError} NOT_FOUND, INVALID */
export function changeInstance(
  context: ServiceContext,
  actor: Actor,
  key: string,
  change: InstanceChange,
): Promise<Instance> {
  return context.exclusive(async () => {
    const before = await stored(context, key);
    if (before === null) throw notFound(key);
    const after: Instance = { ...before, ...change };
    checkInstance(after);
    const action =
      before.signature === after.signature
        ? 'instance.change'
        : after.signature
          ? 'signature.on'
          : 'signature.off';
    await save(context, actor, action, before, after);
    return after;
  });
}

/** Only without configurations, so that nobody deletes a tenant's data by one call. */
export function deleteInstance(context: ServiceContext, actor: Actor, key: string): Promise<void> {
  return context.exclusive(async () => {
    const before = await stored(context, key);
    if (before === null) throw notFound(key);
    const index = findInstance(context.catalogue(), key);
    if (index !== null && index.configs.size > 0) {
      throw new ServiceError('CONFLICT', 'delete the sync configurations of the instance first', 'instance');
    }
    await save(context, actor, 'instance.delete', before, null);
  });
}

async function stored(context: ServiceContext, key: string): Promise<Instance | null> {
  return ((await context.store.doc(INSTANCES, key)) as Instance | null | undefined) ?? null;
}

async function save(
  context: ServiceContext,
  actor: Actor,
  action: AuditAction,
  before: Instance | null,
  after: Instance | null,
): Promise<void> {
  const key = after?.key ?? before?.key ?? '';
  const change = { action, instance: key, object: key, before, after };
  await context.store.saveDocs([
    { collection: INSTANCES, key, value: after },
    await nextVersion(context.store),
    auditWrite(actor, change, context.clock().wall),
  ]);
  await context.catalogueChanged();
}

function notFound(key: string): ServiceError {
  return new ServiceError('NOT_FOUND', `no instance ${JSON.stringify(key)}`, 'instance');
}

function checkInstance(instance: Instance): void {
  if (instance.signaturePublicKey !== '') {
    const key = readSignatureKey(instance.signaturePublicKey);
    if (typeof key === 'string') throw new ServiceError('INVALID', key, 'signaturePublicKey');
  } else if (instance.signature) {
    throw new ServiceError(
      'CONFLICT',
      'set signaturePublicKey before signatures are demanded',
      'signaturePublicKey',
    );
  }
  if (instance.validateUrl !== '') checkUrl(instance.validateUrl, 'validateUrl');
  for (const origin of instance.validateAllow ?? []) checkUrl(origin, 'validateAllow');
}

function checkUrl(text: string, field: string): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new ServiceError('INVALID', `${field} must be an http or https address`, field);
  }
  if (url.username !== '' || url.password !== '') {
    throw new ServiceError('INVALID', `${field} must not hold a user name or password`, field);
  }
}
