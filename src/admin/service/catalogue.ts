/** Instances and configurations as documents of the store, and the index that look-ups use. */
import type { Instance, SyncConfig } from '../../core/model.js';
import type { Catalogue, DocWrite, Store } from '../../core/ports.js';

export const INSTANCES = 'instances';
export const CONFIGS = 'configs';
/** One document per instance: the next free slot. */
export const SLOTS = 'slots';
/** Holds `version`, raised in the same write as any change. */
export const CATALOGUE = 'catalogue';
const VERSION_KEY = 'version';
/** More instances or configurations than this are not loaded; far above what one server serves. */
const MAX_DOCS = 100_000;

/** Key of a configuration's document. Neither part contains a slash. */
export function configKey(instance: string, biz: string): string {
  return `${instance}/${biz}`;
}

/** Reads everything that the processes need to know of the tenants. */
export async function loadCatalogue(store: Store): Promise<Catalogue> {
  const version = await readVersion(store);
  const instances = await store.docs(INSTANCES, '', MAX_DOCS);
  const configs = await store.docs(CONFIGS, '', MAX_DOCS);
  return {
    version,
    instances: instances.map((doc) => doc.value as Instance),
    configs: configs.map((doc) => doc.value as SyncConfig),
  };
}

/** Raised with every change; 0 before the first. */
export async function readVersion(store: Store): Promise<number> {
  const value = await store.doc(CATALOGUE, VERSION_KEY);
  return typeof value === 'number' ? value : 0;
}

/** The write that goes with every change of an instance or configuration. */
export async function nextVersion(store: Store): Promise<DocWrite> {
  return { collection: CATALOGUE, key: VERSION_KEY, value: (await readVersion(store)) + 1 };
}

/** An instance and its configurations by bizType. */
export interface InstanceIndex {
  readonly instance: Instance;
  readonly configs: ReadonlyMap<string, SyncConfig>;
  /** True when any call for this instance may need a signature. */
  readonly mayNeedSignature: boolean;
}

const indexes = new WeakMap<Catalogue, ReadonlyMap<string, InstanceIndex>>();

/** Finds an instance. The index is built once per catalogue, which is replaced as a whole. */
export function findInstance(catalogue: Catalogue, key: string): InstanceIndex | null {
  let index = indexes.get(catalogue);
  if (index === undefined) {
    index = buildIndex(catalogue);
    indexes.set(catalogue, index);
  }
  return index.get(key) ?? null;
}

function buildIndex(catalogue: Catalogue): ReadonlyMap<string, InstanceIndex> {
  const configs = new Map<string, Map<string, SyncConfig>>();
  for (const config of catalogue.configs) {
    const ofInstance = configs.get(config.instance);
    if (ofInstance === undefined) configs.set(config.instance, new Map([[config.biz, config]]));
    else ofInstance.set(config.biz, config);
  }
  const index = new Map<string, InstanceIndex>();
  for (const instance of catalogue.instances) {
    const own = configs.get(instance.key) ?? new Map<string, SyncConfig>();
    const mayNeedSignature =
      instance.signature || [...own.values()].some((config) => config.signature === 'on');
    index.set(instance.key, { instance, configs: own, mayNeedSignature });
  }
  return index;
}
