/** The tenants and their configurations as the running parts look them up. */
import {
  type Instance,
  type OwnerKind,
  type PointKind,
  pointKind,
  readerIsUser,
  type SyncConfig,
  streamKind,
} from './model.js';
import type { Catalogue } from './ports.js';
import { isReservedBiz } from './push-streams.js';

/** A configuration with what follows from it, worked out once. Shared by all sessions. */
export interface Topic {
  readonly config: SyncConfig;
  readonly slot: number;
  /** Kind under which the stream's records are stored. */
  readonly stream: OwnerKind;
  /** Kind under which a reader's position is kept, and which frames carry. */
  readonly point: PointKind;
  /** The server's cursor is the truth and belongs to the user (single-device sync). */
  readonly userReader: boolean;
  /** Belongs to the bound user: closed by a user switch, and named with a bindSeq. */
  readonly ofUser: boolean;
  /**
   * What is acknowledged is written soon: the server's cursor is the truth, or somebody waits to hear of
   * a push. Elsewhere the device's own point is the truth and the cursor beside it a statistic.
   */
  readonly tellsSoon: boolean;
}

type PersistedBizs = Readonly<Record<OwnerKind, string[]>>;

/** One tenant's topics. Mutated in place by `updateCatalogue`, so that sessions keep their reference. */
export interface InstanceView {
  instance: Instance;
  /** False once the instance was removed. */
  known: boolean;
  /** By slot; undefined where a configuration was deleted. */
  topics: (Topic | undefined)[];
  byBiz: Map<string, Topic>;
  /** The persisted bizTypes by the kind of their streams. */
  persisted: PersistedBizs;
  /** Any topic with user consistency: then a bound user is verified. */
  hasConsistency: boolean;
  /** Any single-device topic: then the newest session of a user becomes its feeder. */
  hasUserReader: boolean;
}

export interface CatalogueView {
  version: number;
  readonly instances: Map<string, InstanceView>;
}

export function createCatalogueView(): CatalogueView {
  return { version: -1, instances: new Map() };
}

/**
 * Takes over a newer catalogue; an older one is ignored.
 *
 * @returns the views that may have changed, each with the slots whose nature did (kind, reader or
 *   persistence): there, sessions start over.
 */
export function updateCatalogue(
  view: CatalogueView,
  catalogue: Catalogue,
): { readonly view: InstanceView; readonly changedSlots: readonly number[] }[] {
  if (catalogue.version <= view.version) return [];
  view.version = catalogue.version;
  const before = new Map<InstanceView, (Topic | undefined)[]>();
  for (const entry of view.instances.values()) {
    before.set(entry, entry.topics);
    entry.known = false;
    entry.topics = [];
    entry.byBiz = new Map();
    entry.persisted = nonePersisted();
    entry.hasConsistency = false;
    entry.hasUserReader = false;
  }
  for (const instance of catalogue.instances) {
    const entry = view.instances.get(instance.key) ?? emptyView(instance);
    entry.instance = instance;
    entry.known = true;
    view.instances.set(instance.key, entry);
  }
  for (const config of catalogue.configs) addTopic(view.instances.get(config.instance), topicOf(config));
  for (const [key, entry] of view.instances) if (!entry.known) view.instances.delete(key);
  return [...before].map(([entry, topics]) => ({
    view: entry,
    changedSlots: changedSlots(topics, entry.topics),
  }));
}

function changedSlots(
  before: readonly (Topic | undefined)[],
  after: readonly (Topic | undefined)[],
): number[] {
  const slots: number[] = [];
  for (const old of before) {
    if (old === undefined) continue;
    const topic = after[old.slot];
    const same =
      topic?.point === old.point &&
      topic.userReader === old.userReader &&
      topic.config.persisted === old.config.persisted;
    if (!same) slots.push(old.slot);
  }
  return slots;
}

function emptyView(instance: Instance): InstanceView {
  return {
    instance,
    known: true,
    topics: [],
    byBiz: new Map(),
    persisted: nonePersisted(),
    hasConsistency: false,
    hasUserReader: false,
  };
}

function nonePersisted(): PersistedBizs {
  return { u: [], d: [], t: [], g: [] };
}

function addTopic(entry: InstanceView | undefined, topic: Topic): void {
  if (entry === undefined) return;
  while (entry.topics.length < topic.slot) entry.topics.push(undefined);
  entry.topics[topic.slot] = topic;
  entry.byBiz.set(topic.config.biz, topic);
  if (topic.config.persisted) entry.persisted[topic.stream].push(topic.config.biz);
  if (topic.config.userConsistency && topic.ofUser) entry.hasConsistency = true;
  if (topic.userReader) entry.hasUserReader = true;
}

export function topicOf(config: SyncConfig): Topic {
  const point = pointKind(config);
  const userReader = readerIsUser(config);
  return {
    config,
    slot: config.slot,
    stream: streamKind(config),
    point,
    userReader,
    ofUser: point === 'u' || point === 'gu',
    tellsSoon: userReader || isReservedBiz(config.biz),
  };
}
