/** `longlink store` */
import { parseArgs } from 'node:util';
import type { Config } from '../config.js';
import { openRedis } from '../redis/connection.js';
import { auditStore } from '../store/embedded/index.js';
import { checkRedisStore, type StoreReport } from '../store/redis/check.js';
import { CommandError, usageError } from './command-error.js';
import { CONFIG_HELP, CONFIG_OPTIONS, configFrom } from './config-options.js';
import { print } from './output.js';

const HELP = `Usage: longlink store check [options]

Walks the whole store and holds it against its own rules: in Redis what must expire and does not, heads
that do not fit their records, keys that nothing leads to, counters that do not add up; in the embedded
store the counters. May run beside a server; where that writes meanwhile, the counters are not compared.

      --memory         with Redis: also the memory of each kind of key, and of a stored oplog and a device

Exit codes: 0 nothing is wrong, 1 something is, 2 called wrongly.

${CONFIG_HELP}`;

/** Problems that are printed; the rest are counted. */
const MAX_PRINTED = 100;
/** The walk is no caller that waits for an answer. */
const COMMAND_TIMEOUT_MS = 30_000;

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...CONFIG_OPTIONS, memory: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) return print(HELP);
  if (positionals.join(' ') !== 'check') throw usageError(`say \`longlink store check\`\n\n${HELP}`);
  const config = configFrom(values);
  const problems =
    config.store.driver === 'redis'
      ? await checkRedis(config, values.memory === true)
      : await auditStore(config.dataDir).catch(cannot);
  for (const problem of problems.slice(0, MAX_PRINTED)) print(problem);
  if (problems.length > MAX_PRINTED) print(`and ${problems.length - MAX_PRINTED} more`);
  print(problems.length === 0 ? 'Nothing is wrong.' : `${problems.length} problems.`);
  return problems.length === 0 ? 0 : 1;
}

function cannot(error: unknown): never {
  throw new CommandError(`the store cannot be read: ${(error as Error).message}`);
}

async function checkRedis(config: Config, withMemory: boolean): Promise<readonly string[]> {
  const settings = { ...config.redis, commandTimeoutMs: COMMAND_TIMEOUT_MS };
  const connection = await openRedis(settings, { onState: () => {} }).catch(cannot);
  try {
    const report = await checkRedisStore(connection, withMemory).catch(cannot);
    for (const line of reportLines(report, withMemory)) print(line);
    return report.problems;
  } finally {
    connection.close();
  }
}

function reportLines({ kinds, records, staleTokens }: StoreReport, withMemory: boolean): string[] {
  const lines = [...kinds].sort().map(([kind, { keys, bytes }]) => {
    const memory = withMemory ? `${bytes.toLocaleString('en').padStart(16)} bytes` : '';
    return `${kind.padEnd(12)} ${keys.toLocaleString('en').padStart(12)} keys${memory}`;
  });
  lines.push(`${'oplogs'.padEnd(12)} ${records.toLocaleString('en').padStart(12)}`);
  if (staleTokens > 0) lines.push(`${staleTokens} old Ad-tokens lead nowhere; they expire by themselves`);
  if (!withMemory) return lines;
  const bytesOf = (...names: readonly (typeof kinds extends ReadonlyMap<infer K, unknown> ? K : never)[]) =>
    names.reduce((sum, name) => sum + (kinds.get(name)?.bytes ?? 0), 0);
  const devices = kinds.get('device')?.keys ?? 0;
  if (records > 0)
    lines.push(`bytes of an oplog: ${Math.round(bytesOf('heads', 'records', 'thirdMsgIds') / records)}`);
  if (devices > 0)
    lines.push(`bytes of a device: ${Math.round(bytesOf('device', 'token', 'cursors', 'route') / devices)}`);
  return lines;
}
