/** The reserved configurations that pushes ride on; made when an instance first pushes. */
import { StoreUnavailable } from '../../core/ports.js';
import { PUSH_BIZ, type PushBiz, pushConfigs } from '../../core/push-streams.js';
import { auditWrite } from './audit.js';
import { CONFIGS, configKey, findInstance, nextVersion, SLOTS } from './catalogue.js';
import { DELETIONS } from './configurations.js';
import type { ServiceContext } from './context.js';

const ACTOR = { name: 'push', address: '' };

/**
 * Resolves when they are in force in this process. The instance must exist.
 *
 * @throws {StoreUnavailable} while the data of one that was deleted is being ended: it would go, too
 */
export async function ensurePushConfigurations(context: ServiceContext, instance: string): Promise<void> {
  if (missingIn(context, instance).length === 0) return;
  await context.exclusive(async () => {
    if (missingIn(context, instance).length === 0) return;
    const { store } = context;
    const slot = await store.doc(SLOTS, instance);
    const firstSlot = typeof slot === 'number' ? slot : 0;
    const nowMs = context.clock().wall;
    const missing = missingIn(context, instance);
    for (const biz of missing)
      if ((await store.doc(DELETIONS, configKey(instance, biz))) != null)
        throw new StoreUnavailable(`the data of ${biz} is still being deleted`);
    const configs = pushConfigs(instance, missing, firstSlot, nowMs);
    await store.saveDocs([
      ...configs.map((config) => ({
        collection: CONFIGS,
        key: configKey(instance, config.biz),
        value: config,
      })),
      { collection: SLOTS, key: instance, value: firstSlot + configs.length },
      await nextVersion(store),
      auditWrite(ACTOR, { action: 'config.create', instance, object: '$push', after: configs }, nowMs),
    ]);
    await context.catalogueChanged();
  });
}

/** An operator may have deleted some of them: those are made anew, and the others stay as they are. */
function missingIn(context: ServiceContext, instance: string): PushBiz[] {
  const configs = findInstance(context.catalogue(), instance)?.configs;
  return Object.values(PUSH_BIZ).filter((biz) => configs?.has(biz) !== true);
}
