/** What the alias actions of Mobile Push have in common. */
import { type Aliases, isAlias, TooManyAliases } from '../../push/aliases.js';
import type { Call } from './action.js';
import { Refusal } from './families.js';
import { commaList, line, required } from './parameters.js';

export const ALIAS_DEVICE = { DeviceId: required(line(256), 'The device, or its Ad-token.') } as const;
/** Aliases in one call. */
export const aliasNames = commaList(10, 128);

/** Does something to the aliases of a device that is known. @throws {Refusal} InvalidParameter */
export async function ofDevice<T>(
  call: Call,
  values: { readonly AppKey: number; readonly DeviceId: string },
  names: readonly string[],
  work: (aliases: Aliases, instance: string, deviceId: string) => Promise<T>,
): Promise<T> {
  const instance = await call.appKeyInstance(values.AppKey);
  const device = await call.services.devices.find(instance, values.DeviceId);
  if (device === null) throw new Refusal('InvalidParameter', 'DeviceId');
  if (!names.every(isAlias)) throw new Refusal('InvalidParameter', 'AliasName');
  try {
    return await work(call.services.aliases, instance, device.deviceId);
  } catch (error) {
    if (error instanceof TooManyAliases) throw new Refusal('InvalidParameter', 'AliasName');
    throw error;
  }
}
