/** Module hooks of planted.ts: replaces text in a module of the built server while it is loaded. */
import type { InitializeHook, LoadHook } from 'node:module';
import { PLANTS, type Plant } from './plants.js';

let plant: Plant | undefined;

export const initialize: InitializeHook<string> = (name) => {
  plant = PLANTS[name];
  if (plant === undefined) throw new Error(`no planted bug is called ${name}`);
};

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (plant === undefined || !url.endsWith(`/build/src/${plant.module}`)) return loaded;
  const source = String(loaded.source);
  if (source.split(plant.find).length !== 2)
    throw new Error(`${plant.module} does not have this text exactly once any more: ${plant.find}`);
  return { ...loaded, source: source.replace(plant.find, () => plant?.put ?? '') };
};
