/** Sync configurations (bizTypes): created, changed, taken online and offline, deleted. */
import { MAX_RETENTION_MS, type SyncConfig } from '../../core/model.js';
import type { DocWrite } from '../../core/ports.js';
import { type AuditAction, auditWrite } from './audit.js';
import { CONFIGS, configKey, findInstance, nextVersion, SLOTS } from './catalogue.js';
import { checkConfiguration } from './configuration-rules.js';
import { type Actor, type ServiceContext, ServiceError } from './context.js';

/** Configurations whose stored data is still being ended. Key as the configuration's. */
export const DELETIONS = 'deletions';
/** Records ended in one write of a deletion, so that other commits get their turn. */
const DELETE_STEP = 1000;

/** What a caller may say of a new configuration; the rest has its default. */
export interface NewConfiguration {
  readonly biz: string;
  readonly description?: string;
  readonly scope?: SyncConfig['scope'];
  readonly object?: SyncConfig['object'];
  readonly multiDevice?: boolean;
  readonly persisted?: boolean;
  readonly retentionMs?: number;
  readonly threshold?: number | null;
  readonly userConsistency?: boolean;
  readonly deliver?: SyncConfig['deliver'];
  readonly signature?: SyncConfig['signature'];
}

export type ConfigurationChange = Omit<NewConfiguration, 'biz'>;

/** @throws {ServiceError} NOT_FOUND */
export function getConfiguration(context: ServiceContext, instance: string, biz: string): SyncConfig {
  const config = findInstance(context.catalogue(), instance)?.configs.get(biz);
  if (config === undefined) throw notFound(instance, biz);
  return config;
}

/** @throws {ServiceError} NOT_FOUND when there is no such instance */
export function listConfigurations(context: ServiceContext, instance: string): SyncConfig[] {
  const index = findInstance(context.catalogue(), instance);
  if (index === null) throw noInstance(instance);
  return [...index.configs.values()];
}

/**
 * Creates a configuration. It is online at once (mPaaS MSS guide, 6.2).
 *
 * @throws {ServiceError} NOT_FOUND, EXISTS, INVALID, CONFLICT while one of this name is being deleted
 */
export function createConfiguration(
  context: ServiceContext,
  actor: Actor,
  instance: string,
  input: NewConfiguration,
): Promise<SyncConfig> {
  return context.exclusive(async () => {
    if (findInstance(context.catalogue(), instance) === null) throw noInstance(instance);
    const key = configKey(instance, input.biz);
    if ((await read(context, instance, input.biz)) !== null) {
      throw new ServiceError('EXISTS', `configuration ${input.biz} exists`, 'bizType');
    }
    if (isPresent(await context.store.doc(DELETIONS, key))) {
      throw new ServiceError('CONFLICT', `${input.biz} is still being deleted; try again later`, 'bizType');
    }
    const slot = await readSlot(context, instance);
    const now = context.clock().wall;
    const config: SyncConfig = {
      ...DEFAULTS,
      ...withoutUndefined(input),
      instance,
      biz: input.biz,
      slot,
      online: true,
      createdMs: now,
      changedMs: now,
    };
    checkConfiguration(config, context.limits.bizType);
    await save(context, actor, 'config.create', null, config, [
      { collection: SLOTS, key: instance, value: slot + 1 },
    ]);
    return config;
  });
}

const DEFAULTS = {
  description: '',
  scope: 'specified',
  object: 'user',
  multiDevice: true,
  persisted: true,
  retentionMs: MAX_RETENTION_MS,
  threshold: null,
  userConsistency: false,
  deliver: 'foreground',
  signature: 'inherit',
} as const;

/** What decides whose stream a record goes into: changed while data flows, it would split a stream. */
const OFFLINE_ONLY = ['scope', 'object', 'multiDevice', 'persisted'] as const;

/** @throws {ServiceError} NOT_FOUND, INVALID, CONFLICT for what changes only while offline */
export function changeConfiguration(
  context: ServiceContext,
  actor: Actor,
  instance: string,
  biz: string,
  change: ConfigurationChange,
): Promise<SyncConfig> {
  return context.exclusive(async () => {
    const before = await mustRead(context, instance, biz);
    const after: SyncConfig = {
      ...before,
      ...withoutUndefined(change),
      changedMs: context.clock().wall,
    };
    for (const field of OFFLINE_ONLY) {
      if (before.online && before[field] !== after[field]) {
        throw new ServiceError('CONFLICT', `${field} changes only while the configuration is offline`, field);
      }
    }
    checkConfiguration(after, context.limits.bizType);
    await save(context, actor, 'config.change', before, after, []);
    return after;
  });
}

/** Takes a configuration online or offline. Already being so is no error and changes nothing. */
export function setOnline(
  context: ServiceContext,
  actor: Actor,
  instance: string,
  biz: string,
  online: boolean,
): Promise<SyncConfig> {
  return context.exclusive(async () => {
    const before = await mustRead(context, instance, biz);
    if (before.online === online) return before;
    const after: SyncConfig = { ...before, online, changedMs: context.clock().wall };
    await save(context, actor, online ? 'config.online' : 'config.offline', before, after, []);
    return after;
  });
}

/**
 * Deletes a configuration and ends what is stored for it. The name can be used again when all of
 * it has ended; a deletion that was cut short goes on at the next start (`resumeDeletions`).
 *
 * @throws {ServiceError} NOT_FOUND, CONFLICT while it is online
 */
export async function deleteConfiguration(
  context: ServiceContext,
  actor: Actor,
  instance: string,
  biz: string,
): Promise<void> {
  await context.exclusive(async () => {
    const before = await mustRead(context, instance, biz);
    if (before.online) {
      throw new ServiceError('CONFLICT', 'take the configuration offline before deleting it', 'online');
    }
    await save(context, actor, 'config.delete', before, null, [
      { collection: DELETIONS, key: configKey(instance, biz), value: true },
    ]);
  });
  await endStreams(context, instance, biz);
}

/** Finishes deletions that an earlier run of the server had begun. */
export async function resumeDeletions(context: ServiceContext): Promise<void> {
  const begun = await context.store.docs(DELETIONS, '', 100_000);
  for (const { key } of begun) {
    const slash = key.indexOf('/');
    await endStreams(context, key.slice(0, slash), key.slice(slash + 1));
  }
}

async function endStreams(context: ServiceContext, instance: string, biz: string): Promise<void> {
  while ((await context.store.deleteStreams(instance, biz, DELETE_STEP)) > 0);
  await context.store.saveDocs([{ collection: DELETIONS, key: configKey(instance, biz), value: null }]);
}

async function read(context: ServiceContext, instance: string, biz: string): Promise<SyncConfig | null> {
  return (
    ((await context.store.doc(CONFIGS, configKey(instance, biz))) as SyncConfig | null | undefined) ?? null
  );
}

async function mustRead(context: ServiceContext, instance: string, biz: string): Promise<SyncConfig> {
  const config = await read(context, instance, biz);
  if (config === null) throw notFound(instance, biz);
  return config;
}

async function readSlot(context: ServiceContext, instance: string): Promise<number> {
  const next = await context.store.doc(SLOTS, instance);
  return typeof next === 'number' ? next : 0;
}

async function save(
  context: ServiceContext,
  actor: Actor,
  action: AuditAction,
  before: SyncConfig | null,
  after: SyncConfig | null,
  also: readonly DocWrite[],
): Promise<void> {
  const { instance, biz } = after ?? before ?? { instance: '', biz: '' };
  await context.store.saveDocs([
    { collection: CONFIGS, key: configKey(instance, biz), value: after },
    ...also,
    await nextVersion(context.store),
    auditWrite(actor, { action, instance, object: biz, before, after }, context.clock().wall),
  ]);
  await context.catalogueChanged();
}

/** Callers may pass keys that are present but undefined; those must not cover defaults. */
function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<T>;
}

function isPresent(doc: unknown): boolean {
  return doc !== undefined && doc !== null;
}

function noInstance(instance: string): ServiceError {
  return new ServiceError('NOT_FOUND', `no instance ${JSON.stringify(instance)}`, 'instance');
}

function notFound(instance: string, biz: string): ServiceError {
  return new ServiceError('NOT_FOUND', `no configuration ${JSON.stringify(biz)} in ${instance}`, 'bizType');
}
