/**
 * Other names of devices, by which a push may address them: Mobile Push, alias. A device may have
 * several, an alias several devices. Each pair is a document of its own, both ways round, so that
 * processes that write at once take nothing from each other.
 */
import type { DocStore, DocWrite } from '../core/ports.js';
import { isUsableName } from './names.js';

/** `instance/alias/device`. */
const DEVICES = 'alias-devices';
/** `instance/device/alias`. */
const ALIASES = 'device-aliases';

/** Of one device; and devices of one alias. */
export const MAX_ALIASES = 128;
export const MAX_ALIAS_DEVICES = 128;
export const MAX_ALIAS_BYTES = 128;

/** The device would have too many aliases, or one of them too many devices. */
export class TooManyAliases extends Error {
  override readonly name = 'TooManyAliases';
}

export interface Aliases {
  /** Those that the device has already are no error. @throws {TooManyAliases} and changes nothing then */
  bind(instance: string, deviceId: string, aliases: readonly string[]): Promise<void>;
  /** Null for all of the device's. What was not bound is no error. */
  unbind(instance: string, deviceId: string, aliases: readonly string[] | null): Promise<void>;
  /** By name. */
  of(instance: string, deviceId: string): Promise<string[]>;
  /** Ids of the devices that have the alias. */
  devices(instance: string, alias: string): Promise<string[]>;
}

/** Not empty, at most 128 bytes, and without the comma that parts them in calls. */
export function isAlias(alias: string): boolean {
  return isUsableName(alias, MAX_ALIAS_BYTES) && !alias.includes(',');
}

export function createAliases(store: DocStore): Aliases {
  const of = async (instance: string, deviceId: string): Promise<string[]> =>
    namesBelow(store, ALIASES, `${instance}/${encode(deviceId)}/`, MAX_ALIASES + 1);
  const devices = async (instance: string, alias: string): Promise<string[]> =>
    namesBelow(store, DEVICES, `${instance}/${encode(alias)}/`, MAX_ALIAS_DEVICES + 1);
  const write = async (
    instance: string,
    deviceId: string,
    aliases: readonly string[],
    value: true | null,
  ): Promise<void> => {
    if (aliases.length > 0)
      await store.saveDocs(aliases.flatMap((alias) => pairWrites(instance, deviceId, alias, value)));
  };
  return {
    of,
    devices,
    async bind(instance, deviceId, aliases) {
      const had = await of(instance, deviceId);
      const fresh = [...new Set(aliases)].filter((alias) => !had.includes(alias));
      if (had.length + fresh.length > MAX_ALIASES)
        throw new TooManyAliases(`a device has at most ${MAX_ALIASES} aliases`);
      for (const alias of fresh)
        if ((await devices(instance, alias)).length >= MAX_ALIAS_DEVICES)
          throw new TooManyAliases(`an alias has at most ${MAX_ALIAS_DEVICES} devices`);
      await write(instance, deviceId, fresh, true);
    },
    async unbind(instance, deviceId, aliases) {
      const had = await of(instance, deviceId);
      await write(
        instance,
        deviceId,
        had.filter((alias) => aliases === null || aliases.includes(alias)),
        null,
      );
    },
  };
}

/** In the order of the names. */
async function namesBelow(
  store: DocStore,
  collection: string,
  prefix: string,
  limit: number,
): Promise<string[]> {
  const docs = await store.docs(collection, prefix, limit);
  return docs.map(({ key }) => Buffer.from(key.slice(prefix.length), 'base64url').toString('utf8')).sort();
}

function pairWrites(instance: string, deviceId: string, alias: string, value: true | null): DocWrite[] {
  const [device, name] = [encode(deviceId), encode(alias)];
  return [
    { collection: ALIASES, key: `${instance}/${device}/${name}`, value },
    { collection: DEVICES, key: `${instance}/${name}/${device}`, value },
  ];
}

/** Names are encoded: they may hold the slash that parts the key. */
function encode(name: string): string {
  return Buffer.from(name).toString('base64url');
}
