/** Per instance: the address that receipts of pushes go to, and whether pushes are taken at all. */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { auditWrite } from './audit.js';
import { type Actor, type ServiceContext, ServiceError } from './context.js';
import { getInstance } from './instances.js';
import type { SealedText, Sealer } from './master-key.js';

const COLLECTION = 'push-callbacks';
const MAX_INSTANCES = 100_000;
const MAX_ALLOW = 20;
const MAX_URL = 2048;
const MODULUS_BITS = 2048;

/** What an operator sees. */
export interface PushCallback {
  readonly instance: string;
  /** Where receipts are posted to, or empty. */
  readonly url: string;
  /** Receipts are sent. */
  readonly on: boolean;
  /** Origins that may be called although they are not public https. */
  readonly allow: readonly string[];
  /** PEM; receipts are signed with its private key. Empty until an address is set. */
  readonly publicKey: string;
  /** Pushes over the signed API are taken; off: 3032. */
  readonly pushApi: boolean;
}

export type PushCallbackChange = Partial<Pick<PushCallback, 'url' | 'on' | 'allow' | 'pushApi'>>;

interface Stored extends PushCallback {
  readonly privateKey: SealedText | null;
}

export interface PushCallbacks {
  /** What was never set is off, and pushes are taken. */
  get(instance: string): PushCallback;
  /** @throws {ServiceError} NOT_FOUND, INVALID, CONFLICT when receipts are on without an address */
  change(actor: Actor, instance: string, change: PushCallbackChange): Promise<PushCallback>;
  /** A new pair of keys; the tenant needs the new public key. @throws {ServiceError} NOT_FOUND */
  rotate(actor: Actor, instance: string): Promise<PushCallback>;
  /** Instances for which anything was set. */
  instances(): string[];
  /** Reads again what another node may have changed. */
  reload(): Promise<void>;
  /** Null without a key. @throws {SealBroken} */
  privateKey(instance: string): string | null;
}

/** What it knows is what it has read at the start and at `reload`, and written since. */
export async function openPushCallbacks(
  context: Pick<ServiceContext, 'store' | 'clock' | 'catalogue' | 'catalogueChanged' | 'exclusive'>,
  sealer: Sealer,
): Promise<PushCallbacks> {
  const { store } = context;
  const docs = await store.docs(COLLECTION, '', MAX_INSTANCES);
  const known = new Map(docs.map(({ key, value }) => [key, value as Stored]));
  const read = (instance: string): Stored =>
    known.get(instance) ?? {
      ...{ instance, url: '', on: false, allow: [], publicKey: '', pushApi: true },
      privateKey: null,
    };
  const save = async (actor: Actor, before: Stored, after: Stored): Promise<PushCallback> => {
    const { instance } = after;
    const change = { instance, object: '', before: shown(before), after: shown(after) };
    await store.saveDocs([
      { collection: COLLECTION, key: instance, value: after },
      auditWrite(actor, { action: 'callback.change', ...change }, context.clock().wall),
    ]);
    known.set(instance, after);
    // Tells the other nodes, too.
    await context.catalogueChanged();
    return shown(after);
  };
  return {
    get: (instance) => shown(read(instance)),
    change: (actor, instance, change) =>
      context.exclusive(async () => {
        getInstance(context, instance);
        const before = read(instance);
        const after: Stored = { ...before, ...withoutUndefined(change) };
        check(after);
        const needsKey = after.url !== '' && after.privateKey === null;
        return save(actor, before, needsKey ? { ...after, ...(await newKeys(sealer, instance)) } : after);
      }),
    rotate: (actor, instance) =>
      context.exclusive(async () => {
        getInstance(context, instance);
        const before = read(instance);
        return save(actor, before, { ...before, ...(await newKeys(sealer, instance)) });
      }),
    instances: () => [...known.keys()],
    async reload() {
      for (const { key, value } of await store.docs(COLLECTION, '', MAX_INSTANCES))
        known.set(key, value as Stored);
    },
    privateKey(instance) {
      const { privateKey } = read(instance);
      return privateKey === null ? null : sealer.open(privateKey, sealContext(instance));
    },
  };
}

function shown({ privateKey: _privateKey, ...callback }: Stored): PushCallback {
  return callback;
}

function sealContext(instance: string): string {
  return `push-callback ${instance}`;
}

async function newKeys(sealer: Sealer, instance: string): Promise<Pick<Stored, 'publicKey' | 'privateKey'>> {
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: MODULUS_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKey: pair.publicKey, privateKey: sealer.seal(pair.privateKey, sealContext(instance)) };
}

function check({ url, on, allow }: PushCallback): void {
  if (url !== '') checkUrl(url, 'url');
  if (on && url === '') throw new ServiceError('CONFLICT', 'set url before receipts are sent', 'url');
  if (allow.length > MAX_ALLOW) {
    throw new ServiceError('INVALID', `allow has more than ${MAX_ALLOW} origins`, 'allow', MAX_ALLOW);
  }
  for (const origin of allow) checkUrl(origin, 'allow');
}

/** Whether it may be called is decided at each call: names change what they resolve to. */
function checkUrl(text: string, field: string): void {
  const url = URL.canParse(text) && text.length <= MAX_URL ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new ServiceError('INVALID', `${field} must be an http or https address`, field);
  }
  if (url.username !== '' || url.password !== '') {
    throw new ServiceError('INVALID', `${field} must not hold a user name or password`, field);
  }
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<T>;
}
