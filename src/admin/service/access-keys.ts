/**
 * Access keys: who may call the signed APIs, and for which instances and AppKeys.
 */
import { randomBytes } from 'node:crypto';
import type { DocStore, DocWrite } from '../../core/ports.js';
import { type AuditAction, auditWrite } from './audit.js';
import { type Actor, createExclusive, type Exclusive, ServiceError } from './context.js';
import type { SealedText, Sealer } from './master-key.js';

export const ACCESS_KEYS = 'access-keys';
/** Two, so that a key can be replaced without a moment in which none works. */
export const MAX_ACTIVE_KEYS = 2;
/** Keys of one tenant in all; disabled ones stay listed until removed. */
export const MAX_TENANT_KEYS = 20;
/** Stands for every instance, or every AppKey. */
export const ALL = '*';
const MAX_SCOPE = 1000;
const MAX_NOTE = 200;
const MAX_KEYS = 100_000;

/** What a key may be used for. */
export interface KeyScope {
  /** `workspaceId_appId` each, or {@link ALL}. */
  readonly instances: readonly string[];
  /** AppKeys of Mobile Push, decimal text each, or {@link ALL}. */
  readonly appKeys: readonly string[];
}

/** An access key without its secret. */
export interface AccessKey {
  readonly id: string;
  readonly tenant: string;
  readonly note: string;
  readonly scope: KeyScope;
  readonly active: boolean;
  readonly createdMs: number;
  readonly changedMs: number;
  /** Time of the last accepted call, to a few seconds; 0 when there was none. */
  readonly lastUsedMs: number;
}

/** The secret is shown to the operator once and never again. */
export interface AccessKeyWithSecret {
  readonly key: AccessKey;
  readonly secret: string;
}

/** What can be changed of a key; what is left out stays. */
export interface KeyChange {
  readonly active?: boolean;
  readonly scope?: KeyScope;
}

export interface AccessKeys {
  /** @throws {ServiceError} CONFLICT when the tenant has two active keys, INVALID */
  create(actor: Actor, tenant: string, scope: KeyScope, note: string): Promise<AccessKeyWithSecret>;
  /**
   * A second key with the tenant and scope of the first, which stays active until disabled.
   *
   * @throws {ServiceError} CONFLICT, NOT_FOUND
   */
  rotate(actor: Actor, id: string): Promise<AccessKeyWithSecret>;
  /** @throws {ServiceError} CONFLICT when it would be a third active one, NOT_FOUND, INVALID */
  change(actor: Actor, id: string, change: KeyChange): Promise<AccessKey>;
  /** @throws {ServiceError} CONFLICT while it is active, NOT_FOUND */
  remove(actor: Actor, id: string): Promise<void>;
  /** All keys, or those of one tenant. */
  list(tenant?: string): Promise<AccessKey[]>;
  /** For the check of a signature. Null when the key is not known. */
  find(id: string): Promise<AccessKeyWithSecret | null>;
  /** Notes an accepted call; written later, many at once. */
  touch(id: string, atMs: number): void;
  /** Writes what `touch` has noted. */
  flush(): Promise<void>;
}

interface StoredKey extends AccessKey {
  readonly secret: SealedText;
}

interface Context {
  readonly store: DocStore;
  readonly sealer: Sealer;
  readonly now: () => number;
  /** Accepted calls not yet written: key id to wall ms. */
  readonly used: Map<string, number>;
}

/**
 * @param now wall clock, ms
 * @param exclusive the limit of active keys is kept by doing the changes one after the other, on all nodes
 */
export function createAccessKeys(
  store: DocStore,
  sealer: Sealer,
  now: () => number,
  exclusive: Exclusive = createExclusive(),
): AccessKeys {
  const context: Context = { store, sealer, now, used: new Map() };
  return {
    create: (actor, tenant, scope, note) =>
      exclusive(async () => {
        checkNames(tenant, note);
        return issue(context, actor, 'key.create', { tenant, scope: checkedScope(scope), note });
      }),
    rotate: (actor, id) =>
      exclusive(async () => issue(context, actor, 'key.rotate', await load(context, id))),
    change: (actor, id, change) => exclusive(async () => changeKey(context, actor, id, change)),
    remove: (actor, id) => exclusive(async () => removeKey(context, actor, id)),
    list: async (tenant) => {
      const keys = (await loadAll(context)).filter((key) => tenant === undefined || key.tenant === tenant);
      return keys.map((key) => ({ ...withoutSecret(key), lastUsedMs: lastUse(context, key) }));
    },
    find: async (id) => {
      const stored = await store.doc(ACCESS_KEYS, id);
      if (!isStoredKey(stored)) return null;
      return { key: withoutSecret(stored), secret: sealer.open(stored.secret, id) };
    },
    touch: (id, atMs) => {
      context.used.set(id, atMs);
    },
    flush: () => exclusive(async () => writeUses(context)),
  };
}

async function issue(
  context: Context,
  actor: Actor,
  action: AuditAction,
  like: Pick<AccessKey, 'tenant' | 'scope' | 'note'>,
): Promise<AccessKeyWithSecret> {
  const { tenant, scope, note } = like;
  if ((await countKeys(context, tenant)) >= MAX_TENANT_KEYS) {
    throw new ServiceError('CONFLICT', `tenant ${tenant} has ${MAX_TENANT_KEYS} keys: remove a disabled one`);
  }
  const id = `LLAK${randomBytes(10).toString('hex').toUpperCase()}`;
  const secret = randomBytes(30).toString('base64url');
  const atMs = context.now();
  const key = { id, tenant, note, scope, active: true, createdMs: atMs, changedMs: atMs, lastUsedMs: 0 };
  const stored: StoredKey = { ...key, secret: context.sealer.seal(secret, id) };
  const audit = auditWrite(actor, { action, instance: '', object: id, after: key }, atMs);
  await context.store.saveDocs([write(stored), audit]);
  return { key, secret };
}

async function changeKey(context: Context, actor: Actor, id: string, change: KeyChange): Promise<AccessKey> {
  const before = await load(context, id);
  const active = change.active ?? before.active;
  const scope = change.scope === undefined ? before.scope : checkedScope(change.scope);
  if (active && !before.active) await countKeys(context, before.tenant);
  const atMs = context.now();
  const after = { ...before, active, scope, changedMs: atMs };
  const switched = active ? 'key.enable' : 'key.disable';
  const action: AuditAction = active === before.active ? 'key.scope' : switched;
  const record = { action, instance: '', object: id };
  const shown = { before: withoutSecret(before), after: withoutSecret(after) };
  await context.store.saveDocs([write(after), auditWrite(actor, { ...record, ...shown }, atMs)]);
  return shown.after;
}

async function removeKey(context: Context, actor: Actor, id: string): Promise<void> {
  const key = await load(context, id);
  if (key.active) throw new ServiceError('CONFLICT', `access key ${id} is active: disable it first`);
  const record = { action: 'key.remove', instance: '', object: id, before: withoutSecret(key) } as const;
  await context.store.saveDocs([
    { collection: ACCESS_KEYS, key: id, value: null },
    auditWrite(actor, record, context.now()),
  ]);
}

/** Merged into what is stored now, so that it undoes no change made meanwhile. */
async function writeUses(context: Context): Promise<void> {
  const noted = [...context.used];
  const writes: DocWrite[] = [];
  for (const [id, atMs] of noted) {
    const stored = await context.store.doc(ACCESS_KEYS, id);
    if (isStoredKey(stored)) writes.push(write({ ...stored, lastUsedMs: Math.max(stored.lastUsedMs, atMs) }));
  }
  if (writes.length > 0) await context.store.saveDocs(writes);
  for (const [id, atMs] of noted) if (context.used.get(id) === atMs) context.used.delete(id);
}

/**
 * @returns how many keys the tenant has, disabled ones included
 * @throws {ServiceError} CONFLICT when there is no room for one more active key
 */
async function countKeys(context: Context, tenant: string): Promise<number> {
  const keys = (await loadAll(context)).filter((key) => key.tenant === tenant);
  if (keys.filter((key) => key.active).length >= MAX_ACTIVE_KEYS) {
    throw new ServiceError('CONFLICT', `tenant ${tenant} has ${MAX_ACTIVE_KEYS} active keys: disable one`);
  }
  return keys.length;
}

async function load(context: Context, id: string): Promise<StoredKey> {
  const stored = await context.store.doc(ACCESS_KEYS, id);
  if (!isStoredKey(stored)) throw new ServiceError('NOT_FOUND', `no access key ${JSON.stringify(id)}`, 'id');
  return stored;
}

async function loadAll(context: Context): Promise<StoredKey[]> {
  const docs = await context.store.docs(ACCESS_KEYS, '', MAX_KEYS);
  return docs.map((doc) => doc.value).filter(isStoredKey);
}

function lastUse(context: Context, key: AccessKey): number {
  return Math.max(key.lastUsedMs, context.used.get(key.id) ?? 0);
}

function write(key: StoredKey): DocWrite {
  return { collection: ACCESS_KEYS, key: key.id, value: key };
}

function withoutSecret(key: StoredKey): AccessKey {
  const { secret: _, ...shown } = key;
  return shown;
}

function checkNames(tenant: string, note: string): void {
  if (!/^[\w.-]{1,64}$/.test(tenant)) {
    throw new ServiceError(
      'INVALID',
      'tenant may have 1 to 64 letters, digits, dots, hyphens and underscores',
      'tenant',
      64,
    );
  }
  if ([...note].length > MAX_NOTE) {
    throw new ServiceError('INVALID', `note may have ${MAX_NOTE} characters`, 'note', MAX_NOTE);
  }
}

function checkedScope(scope: KeyScope): KeyScope {
  const instances = [...new Set(scope.instances)];
  const appKeys = [...new Set(scope.appKeys)];
  if (!instances.every((instance) => instance === ALL || /^[^\s_/]+_[^\s/]+$/.test(instance))) {
    throw new ServiceError('INVALID', 'an instance is workspaceId_appId, or * for all', 'instances');
  }
  if (!appKeys.every((appKey) => appKey === ALL || /^[1-9]\d{0,15}$/.test(appKey))) {
    throw new ServiceError('INVALID', 'an AppKey is a decimal number, or * for all', 'appKeys');
  }
  if (instances.length > MAX_SCOPE || appKeys.length > MAX_SCOPE) {
    throw new ServiceError('INVALID', `a scope may name ${MAX_SCOPE} of each`, 'instances', MAX_SCOPE);
  }
  return { instances, appKeys };
}

/** True when the key may act on the instance. */
export function coversInstance(scope: KeyScope, instance: string): boolean {
  return scope.instances.includes(ALL) || scope.instances.includes(instance);
}

/** True when the key may act on the AppKey. */
export function coversAppKey(scope: KeyScope, appKey: string): boolean {
  return scope.appKeys.includes(ALL) || scope.appKeys.includes(appKey);
}

/** False for what is not there, and for what this module did not write. */
function isStoredKey(value: unknown): value is StoredKey {
  if (typeof value !== 'object' || value === null) return false;
  const key = value as Partial<StoredKey>;
  return (
    typeof key.id === 'string' &&
    typeof key.tenant === 'string' &&
    typeof key.active === 'boolean' &&
    typeof key.lastUsedMs === 'number' &&
    typeof key.secret?.text === 'string' &&
    Array.isArray(key.scope?.instances) &&
    Array.isArray(key.scope.appKeys)
  );
}
