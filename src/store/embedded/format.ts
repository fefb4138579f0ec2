/** The version of the layout in keys.ts, and the way from older ones. */
import { countRetained } from './audit.js';
import { encodeCounter, zeroCounter } from './counters.js';
import type { Environment } from './environment.js';
import { Meta, metaKey } from './keys.js';

/** 1: no counters. 2: conservation counters. */
export const FORMAT_VERSION = 2;
const FORMAT = metaKey(Meta.VALUE, 'format');

/** Rewrites a store by one version; what it returns is written in one commit with the new number. */
type Migration = (environment: Environment) => { readonly key: Buffer; readonly value: Buffer }[];

const MIGRATIONS: ReadonlyMap<number, Migration> = new Map([[1, addCounters]]);

/**
 * Brings a store to the current format, or marks a new one.
 *
 * @throws {Error} for a store that a newer version has written.
 */
export async function migrate(environment: Environment): Promise<void> {
  let version = formatOf(environment);
  if (version > FORMAT_VERSION)
    throw new Error(`the store has format ${version}; this version reads up to ${FORMAT_VERSION}`);
  if (version === 0) return writeFormat(environment, FORMAT_VERSION, []);
  while (version < FORMAT_VERSION) {
    const step = MIGRATIONS.get(version);
    if (step === undefined) throw new Error(`no way from store format ${version} to ${version + 1}`);
    await writeFormat(environment, version + 1, step(environment));
    version++;
  }
}

/** @throws {Error} for a store that this version cannot read as it is. */
export function checkFormat(environment: Environment): void {
  const version = formatOf(environment);
  if (version !== FORMAT_VERSION)
    throw new Error(`the store has format ${version}, not ${FORMAT_VERSION}: open it for writing first`);
}

/** 0 for a new store. */
function formatOf(environment: Environment): number {
  return environment.meta.get(FORMAT)?.readUInt32BE(0) ?? 0;
}

async function writeFormat(
  environment: Environment,
  version: number,
  rows: ReturnType<Migration>,
): Promise<void> {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(version, 0);
  await environment.root.batch(() => {
    for (const row of rows) void environment.meta.put(row.key, row.value);
    void environment.meta.put(FORMAT, value);
  });
}

/** Format 1 to 2: what is there counts as accepted and retained. */
function addCounters(environment: Environment): ReturnType<Migration> {
  return [...countRetained(environment)].map(([key, retained]) => ({
    key: Buffer.from(key, 'latin1'),
    value: encodeCounter({ ...zeroCounter(), accepted: retained, retained }),
  }));
}
