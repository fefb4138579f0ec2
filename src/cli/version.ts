/** `longlink version` */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { print } from './output.js';

const HELP = 'Usage: longlink version\n\nPrints the version of longlink and of Node.';

/** The version of this package. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version?: unknown }).version);
}

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { help: { type: 'boolean', short: 'h' } } });
  return values.help ? print(HELP) : print(`longlink ${packageVersion()} (node ${process.versions.node})`);
}
