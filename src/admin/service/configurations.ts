/** Sync configurations (bizTypes): created, changed, taken online and offline, deleted. */
import { MAX_RETENTION_MS, type SyncConfig } from '../../core/model.js';
import type { DocWrite, Store } from '../../core/ports.js';
import { type AuditAction, auditWrite } from './audit.js';
import { CONFIGS, configKey, findInstance, nextVersion, SLOTS } from './catalogue.js';
import { checkConfiguration } from './configuration-rules.js';
import { type Actor, type ServiceContext, ServiceError } from './context.js';

/** Configurations whose stored data is still being ended. Key as the configuration's. */
export const DELETIONS = 'deletions';
/** Records ended in one step of a deletion, so that other commits get their turn. */
const DELETE_STEP = 500;

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
      throw new ServiceError(
        'CONFLICT',
        `data of the deleted ${input.biz} is still being removed; try again later`,
        'bizType',
      );
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
 * Deletes a configuration: from now on nobody sees it, and its slot is not given again. What is stored
 * for it is ended in the background (`endDeleted`), also after a restart; until then the name is taken.
 *
 * @throws {ServiceError} NOT_FOUND, CONFLICT while it is online
 */
export function deleteConfiguration(
  context: ServiceContext,
  actor: Actor,
  instance: string,
  biz: string,
): Promise<void> {
  return context.exclusive(async () => {
    const before = await mustRead(context, instance, biz);
    if (before.online) {
      throw new ServiceError('CONFLICT', 'take the configuration offline before deleting it', 'online');
    }
    await save(context, actor, 'config.delete', before, null, [
      { collection: DELETIONS, key: configKey(instance, biz), value: true },
    ]);
  });
}

/**
 * One bounded step of ending what is stored for deleted configurations.
 *
 * @returns whether there is more to do.
 */
export async function endDeleted(store: Store): Promise<boolean> {
  const [deletion] = await store.docs(DELETIONS, '', 1);
  if (deletion === undefined) return false;
  const slash = deletion.key.indexOf('/');
  const [instance, biz] = [deletion.key.slice(0, slash), deletion.key.slice(slash + 1)];
  if ((await store.deleteStreams(instance, biz, DELETE_STEP)) === 0) {
    await store.saveDocs([{ collection: DELETIONS, key: deletion.key, value: null }]);
  }
  return true;
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
