/** The options by which every command that needs the configuration finds it. */
import type { ParseArgsConfig } from 'node:util';
import { type Config, readConfig } from '../config.js';

export const CONFIG_OPTIONS = {
  config: { type: 'string', short: 'c' },
  set: { type: 'string', multiple: true },
  'data-dir': { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

export const CONFIG_HELP = [
  '  -c, --config FILE    configuration file (else LONGLINK_CONFIG, else the packaged config/default.json)',
  '      --set KEY=VALUE  one key, for example --set link.heartbeatSec=60; may be repeated',
  '      --data-dir DIR   the same as --set dataDir=DIR',
].join('\n');

/** Values of `CONFIG_OPTIONS` as parseArgs gives them. */
export interface ConfigArguments {
  readonly config?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly 'data-dir'?: string | undefined;
}

/**
 * @param more further flags as [key, value].
 * @throws {ConfigError}
 */
export function configFrom(
  values: ConfigArguments,
  more: readonly (readonly [string, string])[] = [],
): Config {
  const flags = (values.set ?? []).map((pair) => {
    const at = pair.indexOf('=');
    return at === -1 ? ([pair, ''] as const) : ([pair.slice(0, at), pair.slice(at + 1)] as const);
  });
  const dataDir = values['data-dir'];
  if (dataDir !== undefined) flags.push(['dataDir', dataDir]);
  return readConfig({ file: values.config ?? '', flags: [...flags, ...more] });
}
