/** `longlink migrate` */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openRedis } from '../redis/connection.js';
import { openExport, type StoreExport } from '../store/embedded/export.js';
import { openImport, type RedisImport } from '../store/redis/import.js';
import { digestOf, type ItemKind } from '../store/transfer.js';
import { CommandError } from './command-error.js';
import { CONFIG_HELP, CONFIG_OPTIONS, configFrom } from './config-options.js';
import { print, table } from './output.js';

const HELP = `Usage: longlink migrate [options]

Copies the embedded store of a stopped server (dataDir) into the Redis of the configuration (the section
redis), whatever store.driver says. Ids, sync points, thirdMsgIds and counters are kept, so devices and
back ends notice nothing. The directory is only read. If it is stopped, run it again: it goes on where it
was. In the end everything is read back and compared; only then a server can use the store in Redis.

Exit codes: 0 all is there, 1 it is not, 2 called wrongly.

${CONFIG_HELP}`;

/** Nobody waits for an answer here. */
const COMMAND_TIMEOUT_MS = 30_000;

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { ...CONFIG_OPTIONS, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return print(HELP);
  const config = configFrom(values);
  const settings = { ...config.redis, commandTimeoutMs: COMMAND_TIMEOUT_MS };
  const source = attempt(() => openExport(config.dataDir));
  try {
    const connection = await openRedis(settings, { onState: () => {} }).catch(cannot);
    const target = openImport(connection);
    try {
      await copy(source, target, resolve(config.dataDir)).catch(cannot);
      return await verify(source, target);
    } finally {
      target.close();
      connection.close();
    }
  } finally {
    await source.close();
  }
}

function cannot(error: unknown): never {
  if (error instanceof CommandError) throw error;
  throw new CommandError(`nothing more was copied: ${(error as Error).message}`);
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    return cannot(error);
  }
}

async function copy(source: StoreExport, target: RedisImport, directory: string): Promise<void> {
  const identity = `${directory} ${source.version}`;
  const known = await target.state();
  if (known !== null && known.source !== identity)
    throw new CommandError(
      `a migration of ${known.source} is not finished there, or its source was used since: take another redis.prefix, or remove what was copied`,
    );
  const bar = progressBar('copied', source.rows);
  let position = known === null ? '' : known.position;
  let rows = known?.rows ?? 0;
  if (known === null) await target.note({ source: identity, position, rows });
  while (position !== null) {
    const step = source.step(position);
    for (const row of step.damaged) print(`left out, because its checksum is wrong: ${row}`);
    await target.put(step.items, Date.now());
    rows += step.rows;
    position = step.next;
    await target.note({ source: identity, position, rows });
    bar(rows);
  }
}

interface Tally {
  count: number;
  /** Sum of the digests, whatever their order; kept below a limit, so that it stays exact. */
  digest: number;
}

const DIGEST_LIMIT = 2 ** 48;

/** Reads both sides anew. */
async function verify(source: StoreExport, target: RedisImport): Promise<number> {
  const [here, there] = [new Map<ItemKind, Tally>(), new Map<ItemKind, Tally>()];
  const add = (tallies: Map<ItemKind, Tally>, item: Parameters<typeof digestOf>[0] | null): void => {
    if (item === null) return;
    const tally = tallies.get(item.kind) ?? { count: 0, digest: 0 };
    tally.count++;
    tally.digest = (tally.digest + digestOf(item)) % DIGEST_LIMIT;
    tallies.set(item.kind, tally);
  };
  const bar = progressBar('compared', source.rows);
  let rows = 0;
  for (let position: string | null = ''; position !== null; ) {
    const { items, next, rows: read } = source.step(position);
    for (const item of items) add(here, item);
    for (const item of await target.read(items).catch(cannot)) add(there, item);
    rows += read;
    position = next;
    bar(rows);
  }
  const kinds = [...here.keys()].sort();
  const same = (kind: ItemKind): boolean => {
    const [a, b] = [here.get(kind), there.get(kind)];
    return a?.count === b?.count && a?.digest === b?.digest;
  };
  print(
    table(
      ['what', 'here', 'in Redis', 'checksum'],
      kinds.map((kind) => [
        kind,
        String(here.get(kind)?.count ?? 0),
        String(there.get(kind)?.count ?? 0),
        same(kind) ? 'equal' : 'DIFFERENT',
      ]),
    ),
  );
  if (!kinds.every(same))
    throw new CommandError('the copy differs from its source: nothing will open it, do not use it');
  await target.finish().catch(cannot);
  return print('All is there. Set store.driver to redis and start the server.');
}

/** A line that is written over on a terminal; silent elsewhere. */
function progressBar(what: string, total: number): (rows: number) => void {
  const width = 40;
  return (rows) => {
    if (!process.stderr.isTTY) return;
    const share = total === 0 ? 1 : Math.min(1, rows / total);
    const bar = '#'.repeat(Math.round(share * width)).padEnd(width, '.');
    process.stderr.write(`\r[${bar}] ${Math.floor(share * 100)} % ${what}${share === 1 ? '\n' : ''}`);
  };
}
