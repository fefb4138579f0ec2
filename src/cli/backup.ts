/** `longlink backup` */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { backupStore } from '../store/embedded/backup.js';
import { CommandError, usageError } from './command-error.js';
import { CONFIG_HELP, CONFIG_OPTIONS, configFrom } from './config-options.js';
import { print } from './output.js';

const HELP = `Usage: longlink backup DIRECTORY [options]

Copies the store, as of one moment, into DIRECTORY, which must be empty or new. The server may be
running. Certificates and the admin token are not copied.

Exit codes: 0 the copy is complete and on the disk, 1 it is not, 2 called wrongly.

${CONFIG_HELP}`;

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...CONFIG_OPTIONS, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) return print(HELP);
  const [directory, ...more] = positionals;
  if (directory === undefined || more.length > 0) throw usageError(`name one directory\n\n${HELP}`);
  const target = resolve(directory);
  const { dataDir } = configFrom(values);
  await backupStore(dataDir, target).catch((error: Error) => {
    throw new CommandError(`no backup was made: ${error.message}`);
  });
  return print(`the store of ${dataDir} is copied to ${target}`);
}
