/** `longlink restore` */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { restoreStore } from '../store/embedded/backup.js';
import { CommandError, usageError } from './command-error.js';
import { CONFIG_HELP, CONFIG_OPTIONS, configFrom } from './config-options.js';
import { print } from './output.js';

const HELP = `Usage: longlink restore BACKUP --data-dir DIRECTORY [options]

Makes DIRECTORY, which must be empty or new, a data directory out of a copy that \`longlink backup\`
made. What was acknowledged after the copy is lost; its ids are not given out again, so that devices
do not take new data for old. Put certificates and the admin token there yourself, or let the first
start make new ones.

Exit codes: 0 the directory can be used, 1 it cannot, 2 called wrongly.

${CONFIG_HELP}`;

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...CONFIG_OPTIONS, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) return print(HELP);
  const [backup, ...more] = positionals;
  if (backup === undefined || more.length > 0) throw usageError(`name one backup\n\n${HELP}`);
  const { dataDir } = configFrom(values);
  const floor = await restoreStore(resolve(backup), dataDir, Date.now()).catch((error: Error) => {
    throw new CommandError(`nothing was restored: ${error.message}`);
  });
  return print(`${dataDir} holds the copy; new ids begin above ${floor}`);
}
