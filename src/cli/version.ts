/** `longlink version` */
import { readFileSync } from 'node:fs';

/** The version of this package. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version?: unknown }).version);
}

export function run(args: readonly string[]): Promise<number> {
  if (args.includes('--help'))
    console.log('Usage: longlink version\n\nPrints the version of longlink and of Node.');
  else console.log(`longlink ${packageVersion()} (node ${process.versions.node})`);
  return Promise.resolve(0);
}
