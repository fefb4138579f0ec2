/** Every fault there is. docs/reliability-results.md has what became of them. */
import type { Row, StoreKind } from './row.js';
import { CLIENTS } from './rows/clients.js';
import { NETWORK } from './rows/network.js';
import { NODES } from './rows/nodes.js';
import { PROCESSES } from './rows/processes.js';
import { REDIS_ROWS } from './rows/redis.js';
import { STORAGE } from './rows/storage.js';

export const ROWS: readonly Row[] = [
  ...PROCESSES,
  ...STORAGE,
  ...REDIS_ROWS,
  ...NODES,
  ...NETWORK,
  ...CLIENTS,
];

/** @throws {RangeError} for a name that no row has. */
export function rowOf(name: string): Row {
  const row = ROWS.find((candidate) => candidate.name === name);
  if (row === undefined) throw new RangeError(`no fault is called ${name}; --list shows them`);
  return row;
}

/** The faults that apply to a store. */
export function rowsFor(store: StoreKind): readonly Row[] {
  return ROWS.filter((row) => row.stores.includes(store));
}
