/** `longlink config` */
import { parseArgs } from 'node:util';
import { configReference } from '../config-reference.js';
import { ADMIN_HELP } from './admin-client.js';
import { CONFIG_OPTIONS, configFrom } from './config-options.js';
import { runSyncConfig, SYNC_HELP, SYNC_PARTS } from './sync-config.js';

const HELP = `Usage: longlink config PART [options]

The configuration of the server:
  check      says whether it can be used (the default)
  show       prints it as it is in force, defaults filled in
  reference  prints every key as a Markdown table

${SYNC_HELP}

${ADMIN_HELP}`;

export function run(args: readonly string[]): Promise<number> {
  // Options may stand before the part.
  if (args.some((word) => SYNC_PARTS.includes(word))) return runSyncConfig(args);
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...CONFIG_OPTIONS, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  const [what = 'check'] = positionals;
  return Promise.resolve(values.help ? print(HELP) : runPart(what, values));
}

function runPart(what: string, values: Parameters<typeof configFrom>[0]): number {
  switch (what) {
    case 'check':
      configFrom(values);
      return print('The configuration can be used.');
    case 'show':
      return print(JSON.stringify(configFrom(values), hideSecrets, 2));
    case 'reference':
      return print(configReference());
    default:
      console.error(`longlink config: no such part: ${what}\n\n${HELP}`);
      return 2;
  }
}

/** What is printed is pasted into tickets. */
function hideSecrets(key: string, value: unknown): unknown {
  return key === 'password' && value !== '' ? '(set)' : value;
}

function print(text: string): number {
  console.log(text);
  return 0;
}
