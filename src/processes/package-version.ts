/** The version of this package. */
import { readFileSync } from 'node:fs';

let known = '';

/** Read once: nodes say it twice a second. */
export function packageVersion(): string {
  if (known !== '') return known;
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  known = String((JSON.parse(text) as { version?: unknown }).version);
  return known;
}
