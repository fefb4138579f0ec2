/** `longlink version` */
import { parseArgs } from 'node:util';
import { packageVersion } from '../processes/package-version.js';
import { print } from './output.js';

const HELP = 'Usage: longlink version\n\nPrints the version of longlink and of Node.';

export { packageVersion };

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { help: { type: 'boolean', short: 'h' } } });
  return values.help ? print(HELP) : print(`longlink ${packageVersion()} (node ${process.versions.node})`);
}
