/** Broadcasts of an instance: listed with their progress, paused, resumed and revoked. */
import { BROADCASTS, type BroadcastDocument, type BroadcastState } from '../../core/broadcasts.js';
import type { SyncConfig } from '../../core/model.js';
import type { DocStore, DocWrite } from '../../core/ports.js';
import { PUSH_BIZ } from '../../core/push-streams.js';
import { type AuditAction, auditWrite } from './audit.js';
import { CONFIGS, configKey, findInstance, nextVersion } from './catalogue.js';
import { type Actor, type ServiceContext, ServiceError } from './context.js';

/** Looked at for one list, the newest of them. */
const MAX_LISTED = 1000;
const LIST_STEP = 500;

export interface Broadcast extends Omit<BroadcastDocument, 'state'> {
  /** `expired` once its validity is over. */
  readonly state: BroadcastState | 'expired';
  /** Devices that have acknowledged it. */
  readonly arrived: number;
  /** Devices of the instance that are online now. */
  readonly online: number;
  /** Ms until the devices online now have had their turn, by the configured pace; null unless live. */
  readonly estimateMs: number | null;
}

export interface Broadcasts {
  /** The newest first. */
  list(instance: string): Promise<Broadcast[]>;
  get(instance: string, taskId: string): Promise<Broadcast>;
  /** Nobody gets it, or anything broadcast after it, until it is resumed or its validity ends. */
  pause(actor: Actor, instance: string, taskId: string): Promise<Broadcast>;
  resume(actor: Actor, instance: string, taskId: string): Promise<Broadcast>;
  /** For good; those who have it are told. */
  revoke(actor: Actor, instance: string, taskId: string): Promise<Broadcast>;
}

export interface BroadcastsOptions {
  readonly service: ServiceContext;
  readonly online: (instance: string) => number;
  readonly arrived: (instance: string, taskId: string) => Promise<number>;
  /** Sessions a second that a fan-out goes to, all workers together. */
  readonly pacePerSecond: number;
  /** Takes its message back. Rejects with a ServiceError when it is too old for that. */
  readonly revokeTask: (instance: string, taskId: string) => Promise<void>;
}

/** The functions throw {@link ServiceError}: NOT_FOUND; CONFLICT for one that is over or revoked. */
export function createBroadcasts(options: BroadcastsOptions): Broadcasts {
  const { service } = options;
  const get = async (instance: string, taskId: string): Promise<Broadcast> =>
    show(options, await mustRead(service, instance, taskId));
  return {
    get,
    async list(instance) {
      const found = await all(service, instance);
      found.sort((a, b) => b.createdMs - a.createdMs);
      return Promise.all(found.slice(0, MAX_LISTED).map((one) => show(options, one)));
    },
    async pause(actor, instance, taskId) {
      await setState(service, actor, instance, taskId, 'paused');
      return get(instance, taskId);
    },
    async resume(actor, instance, taskId) {
      await setState(service, actor, instance, taskId, 'live');
      return get(instance, taskId);
    },
    async revoke(actor, instance, taskId) {
      await mustRead(service, instance, taskId);
      await options.revokeTask(instance, taskId);
      await setState(service, actor, instance, taskId, 'revoked');
      return get(instance, taskId);
    },
  };
}

async function show(options: BroadcastsOptions, document: BroadcastDocument): Promise<Broadcast> {
  const { instance, taskId, sinceMs, expiresMs, state: stored } = document;
  const nowMs = options.service.clock().wall;
  const online = options.online(instance);
  const state = stored !== 'revoked' && nowMs >= expiresMs ? 'expired' : stored;
  const endMs = sinceMs + (online / options.pacePerSecond) * 1000;
  return {
    ...document,
    state,
    arrived: await options.arrived(instance, taskId),
    online,
    estimateMs: state === 'live' ? Math.max(0, Math.ceil(endMs - nowMs)) : null,
  };
}

async function all({ store }: ServiceContext, instance: string): Promise<BroadcastDocument[]> {
  const found: BroadcastDocument[] = [];
  for (let after = ''; ; ) {
    const docs = await store.docs(BROADCASTS, `${instance}/`, LIST_STEP, after);
    found.push(...docs.map(({ value }) => value as BroadcastDocument));
    after = docs.at(-1)?.key ?? '';
    if (docs.length < LIST_STEP) return found;
  }
}

async function mustRead(
  { store }: ServiceContext,
  instance: string,
  taskId: string,
): Promise<BroadcastDocument> {
  const value = await store.doc(BROADCASTS, `${instance}/${taskId}`);
  if (value == null) throw new ServiceError('NOT_FOUND', 'no such broadcast', 'taskId');
  return value as BroadcastDocument;
}

const ACTIONS: Readonly<Record<BroadcastState, AuditAction>> = {
  paused: 'broadcast.pause',
  live: 'broadcast.resume',
  revoked: 'broadcast.revoke',
};

/** The broadcast and what it holds change in one write; the catalogue tells every process of the hold. */
function setState(
  context: ServiceContext,
  actor: Actor,
  instance: string,
  taskId: string,
  state: BroadcastState,
): Promise<void> {
  return context.exclusive(async () => {
    const before = await mustRead(context, instance, taskId);
    const nowMs = context.clock().wall;
    if (before.state === state) return;
    if (before.state === 'revoked') throw new ServiceError('CONFLICT', 'the broadcast is revoked', 'taskId');
    if (state !== 'revoked' && nowMs >= before.expiresMs)
      throw new ServiceError('CONFLICT', 'the validity of the broadcast is over', 'taskId');
    const after = { ...before, state, sinceMs: nowMs };
    await context.store.saveDocs([
      { collection: BROADCASTS, key: `${instance}/${taskId}`, value: after },
      ...holdWrites(context, after, nowMs),
      await nextVersion(context.store),
      auditWrite(actor, { action: ACTIONS[state], instance, object: taskId, before, after }, nowMs),
    ]);
    await context.catalogueChanged();
  });
}

function holdWrites(context: ServiceContext, broadcast: BroadcastDocument, nowMs: number): DocWrite[] {
  const { instance, id, expiresMs, state } = broadcast;
  const config = findInstance(context.catalogue(), instance)?.configs.get(PUSH_BIZ.all);
  if (config === undefined) return [];
  const others = (config.holds ?? []).filter((hold) => hold.id !== id && nowMs < hold.untilMs);
  const holds = state === 'paused' ? [...others, { id, untilMs: expiresMs }] : others;
  const value: SyncConfig = { ...config, holds, changedMs: nowMs };
  return [{ collection: CONFIGS, key: configKey(instance, PUSH_BIZ.all), value }];
}

/** Forgets broadcasts that were over long ago, in bounded steps. */
export function createBroadcastForgetter(store: DocStore): {
  /** @returns whether it reached the end. */
  forget(beforeMs: number): Promise<boolean>;
} {
  let position = '';
  return {
    async forget(beforeMs) {
      const docs = await store.docs(BROADCASTS, '', LIST_STEP, position);
      position = docs.length < LIST_STEP ? '' : (docs.at(-1)?.key ?? '');
      const old = docs.filter(({ value }) => (value as BroadcastDocument).expiresMs < beforeMs);
      const writes = old.map(({ key }) => ({ collection: BROADCASTS, key, value: null }));
      if (writes.length > 0) await store.saveDocs(writes);
      return position === '';
    },
  };
}
