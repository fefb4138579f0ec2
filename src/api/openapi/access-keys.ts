/**
 * Access keys: who may call the signed APIs, and for which instances and AppKeys.
 */
import { randomBytes } from 'node:crypto';
import type { DocWrite } from '../../core/ports.js';
import type { DocStore } from '../../push/docs.js';
import type { SealedText, Sealer } from './master-key.js';

export const ACCESS_KEY_COLLECTION = 'access-keys';
/** Two, so that a key can be replaced without a moment in which none works. */
export const MAX_ACTIVE_KEYS = 2;
/** Keys of one tenant in all; disabled ones stay listed until removed. */
export const MAX_TENANT_KEYS = 20;
/** Stands for every instance, or every AppKey. */
export const ALL = '*';

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

/** The secret is shown here once and never again. */
export interface NewAccessKey {
  readonly key: AccessKey;
  readonly secret: string;
}

/** Refusal of a key operation, with the reason for the operator. */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused';
}

export interface AccessKeys {
  /** @throws {KeyRefused} when the tenant has two active keys, or an argument is not usable */
  create(tenant: string, scope: KeyScope, note: string): Promise<NewAccessKey>;
  /** A second key with the tenant and scope of the first, which stays active until disabled. */
  rotate(id: string): Promise<NewAccessKey>;
  /** @throws {KeyRefused} when there is no such key, or to enable it would make a third active one */
  setActive(id: string, active: boolean): Promise<AccessKey>;
  setScope(id: string, scope: KeyScope): Promise<AccessKey>;
  /** Only disabled keys can be removed. */
  remove(id: string): Promise<void>;
  /** All keys, or those of one tenant. */
  list(tenant?: string): Promise<AccessKey[]>;
  /** For the check of a signature. Null when the key is not known. */
  find(id: string): Promise<NewAccessKey | null>;
  /** Notes an accepted call; written later, many at once. */
  touch(id: string, atMs: number): void;
  /** Writes what `touch` has noted. */
  flush(): Promise<void>;
}

interface StoredKey extends AccessKey {
  readonly secret: SealedText;
}

/**
 * One instance per store: the limit of active keys is kept by doing the changes one after the other.
 *
 * @param now wall clock, ms
 */
export function createAccessKeys(store: DocStore, sealer: Sealer, now: () => number): AccessKeys {
  const used = new Map<string, number>();
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const result = last.then(change);
    last = result.catch(() => undefined);
    return result;
  };
  const load = async (id: string): Promise<StoredKey> => {
    const stored = asStoredKey(await store.doc(ACCESS_KEY_COLLECTION, id));
    if (stored === null) throw new KeyRefused(`there is no access key ${id}`);
    return stored;
  };
  const loadAll = async (): Promise<StoredKey[]> => {
    const docs = await store.docs(ACCESS_KEY_COLLECTION, '', Number.MAX_SAFE_INTEGER);
    return docs.map((doc) => asStoredKey(doc.value)).filter((key) => key !== null);
  };
  const save = async (key: StoredKey): Promise<void> => store.saveDocs([write(key)]);
  /** @returns how many keys the tenant has, disabled ones included */
  const checkRoom = async (tenant: string): Promise<number> => {
    const keys = (await loadAll()).filter((key) => key.tenant === tenant);
    if (keys.filter((key) => key.active).length >= MAX_ACTIVE_KEYS) {
      throw new KeyRefused(`tenant ${tenant} has ${MAX_ACTIVE_KEYS} active keys: disable one first`);
    }
    return keys.length;
  };
  const issue = async (tenant: string, scope: KeyScope, note: string): Promise<NewAccessKey> => {
    if ((await checkRoom(tenant)) >= MAX_TENANT_KEYS) {
      throw new KeyRefused(`tenant ${tenant} has ${MAX_TENANT_KEYS} keys: remove a disabled one first`);
    }
    const id = `LLAK${randomBytes(10).toString('hex').toUpperCase()}`;
    const secret = randomBytes(30).toString('base64url');
    const atMs = now();
    const key = { id, tenant, note, scope, active: true, createdMs: atMs, changedMs: atMs, lastUsedMs: 0 };
    await save({ ...key, secret: sealer.seal(secret, id) });
    return { key, secret };
  };
  const change = async (id: string, fields: Partial<AccessKey>): Promise<AccessKey> => {
    const key = { ...(await load(id)), ...fields, changedMs: now() };
    await save(key);
    return withoutSecret(key);
  };

  return {
    create: (tenant, scope, note) =>
      inTurn(async () => {
        checkName(tenant, note);
        return issue(tenant, checkedScope(scope), note);
      }),
    rotate: (id) =>
      inTurn(async () => {
        const old = await load(id);
        return issue(old.tenant, old.scope, old.note);
      }),
    setActive: (id, active) =>
      inTurn(async () => {
        const key = await load(id);
        if (active && !key.active) await checkRoom(key.tenant);
        return change(id, { active });
      }),
    setScope: (id, scope) => inTurn(async () => change(id, { scope: checkedScope(scope) })),
    remove: (id) =>
      inTurn(async () => {
        if ((await load(id)).active) throw new KeyRefused(`access key ${id} is active: disable it first`);
        await store.saveDocs([{ collection: ACCESS_KEY_COLLECTION, key: id, value: null }]);
      }),
    async list(tenant) {
      const keys = await loadAll();
      return keys
        .filter((key) => tenant === undefined || key.tenant === tenant)
        .map((key) => withoutSecret({ ...key, lastUsedMs: Math.max(key.lastUsedMs, used.get(key.id) ?? 0) }));
    },
    async find(id) {
      const stored = asStoredKey(await store.doc(ACCESS_KEY_COLLECTION, id));
      if (stored === null) return null;
      return { key: withoutSecret(stored), secret: sealer.open(stored.secret, id) };
    },
    touch(id, atMs) {
      used.set(id, atMs);
    },
    flush: () =>
      inTurn(async () => {
        const noted = [...used];
        used.clear();
        const writes: DocWrite[] = [];
        for (const [id, atMs] of noted) {
          const stored = asStoredKey(await store.doc(ACCESS_KEY_COLLECTION, id));
          if (stored !== null)
            writes.push(write({ ...stored, lastUsedMs: Math.max(stored.lastUsedMs, atMs) }));
        }
        if (writes.length > 0) await store.saveDocs(writes);
      }),
  };
}

function write(key: StoredKey): DocWrite {
  return { collection: ACCESS_KEY_COLLECTION, key: key.id, value: key };
}

function withoutSecret(key: StoredKey): AccessKey {
  const { secret: _, ...shown } = key;
  return shown;
}

function checkName(tenant: string, note: string): void {
  if (!/^[\w.-]{1,64}$/.test(tenant)) {
    throw new KeyRefused('a tenant is named by 1 to 64 letters, digits, dots, dashes and underscores');
  }
  if ([...note].length > 200) throw new KeyRefused('a note has at most 200 characters');
}

function checkedScope(scope: KeyScope): KeyScope {
  const instances = [...new Set(scope.instances)];
  const appKeys = [...new Set(scope.appKeys)];
  if (!instances.every((instance) => instance === ALL || /^\S+_\S+$/.test(instance))) {
    throw new KeyRefused('an instance is named workspaceId_appId, or * for all');
  }
  if (!appKeys.every((appKey) => appKey === ALL || /^\d{1,16}$/.test(appKey))) {
    throw new KeyRefused('an AppKey is a decimal number, or * for all');
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

/** Null for what this module did not write. */
function asStoredKey(value: unknown): StoredKey | null {
  if (typeof value !== 'object' || value === null) return null;
  const key = value as Partial<StoredKey>;
  const usable =
    typeof key.id === 'string' &&
    typeof key.tenant === 'string' &&
    typeof key.active === 'boolean' &&
    typeof key.secret?.text === 'string' &&
    Array.isArray(key.scope?.instances) &&
    Array.isArray(key.scope.appKeys);
  return usable ? (key as StoredKey) : null;
}
