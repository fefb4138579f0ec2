/** The tenant for trying things. */
import { createConfiguration, type NewConfiguration } from '../admin/service/configurations.js';
import type { ServiceContext } from '../admin/service/context.js';
import { createInstance } from '../admin/service/instances.js';

const DEMO = { workspaceId: 'default', appId: 'demo' } as const;

const DEMO_CONFIGURATIONS: readonly NewConfiguration[] = [
  { biz: 'DEMO-USER', description: 'For a user, on all devices of the user' },
  { biz: 'DEMO-DEVICE', description: 'For one device', object: 'device' },
  {
    biz: 'DEMO-GLOBAL',
    description: 'For everybody, at once',
    scope: 'global',
    object: 'device',
    deliver: 'immediate',
  },
];

/**
 * Makes the demo tenant in a store that has none.
 *
 * @returns its key, or null when there was a tenant.
 */
export async function makeDemoInstance(service: ServiceContext): Promise<string | null> {
  if (service.catalogue().instances.length > 0) return null;
  const actor = { name: 'first run', address: '' };
  const { key } = await createInstance(service, actor, DEMO);
  for (const configuration of DEMO_CONFIGURATIONS)
    await createConfiguration(service, actor, key, configuration);
  return key;
}
