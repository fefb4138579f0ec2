/** The reserved configurations that pushes ride on; made when an instance first pushes. */
import { PUSH_BIZ, pushConfigs } from '../../core/push-streams.js';
import { auditWrite } from './audit.js';
import { CONFIGS, configKey, findInstance, nextVersion, SLOTS } from './catalogue.js';
import type { ServiceContext } from './context.js';

const ACTOR = { name: 'push', address: '' };

/** Resolves when they are in force in this process. The instance must exist. */
export async function ensurePushConfigurations(context: ServiceContext, instance: string): Promise<void> {
  if (hasThem(context, instance)) return;
  await context.exclusive(async () => {
    if (hasThem(context, instance)) return;
    const { store } = context;
    const slot = await store.doc(SLOTS, instance);
    const nowMs = context.clock().wall;
    const configs = pushConfigs(instance, typeof slot === 'number' ? slot : 0, nowMs);
    const [first] = configs;
    if (first === undefined) return;
    await store.saveDocs([
      ...configs.map((config) => ({
        collection: CONFIGS,
        key: configKey(instance, config.biz),
        value: config,
      })),
      { collection: SLOTS, key: instance, value: first.slot + configs.length },
      await nextVersion(store),
      auditWrite(ACTOR, { action: 'config.create', instance, object: '$push', after: configs }, nowMs),
    ]);
    await context.catalogueChanged();
  });
}

function hasThem(context: ServiceContext, instance: string): boolean {
  return findInstance(context.catalogue(), instance)?.configs.has(PUSH_BIZ.device) === true;
}
