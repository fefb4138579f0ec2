/** Reads the configuration of an app, in the vendor's shape or with our own additions. */
import { readFileSync } from 'node:fs';
import type { Endpoint } from './endpoint.js';

/**
 * What `setup` takes. The first four are those of the vendor's configuration file (`meta.config`,
 * mPaaS MSS guide, 4.2.2), whose other keys are ignored, so that the whole file can be passed.
 */
export interface MPSyncConfig {
  readonly appId: string;
  readonly workspaceId: string;
  /** Host of the device listener. */
  readonly syncserver: string;
  /** Its port; the vendor's file has it as text. */
  readonly syncport: string | number;
  /** False for plain TCP. Default true: TLS. */
  readonly synctls?: boolean;
  /** PEM of the authority to trust in place of the system's: for a server with its own certificate. */
  readonly ca?: string;
  /** Name that the certificate must carry when it is not `syncserver`. */
  readonly servername?: string;
  /** Accepts any certificate. For trying things on one's own machine only. */
  readonly insecure?: boolean;
}

/**
 * Reads a configuration file in JSON.
 *
 * @throws {Error} when it cannot be read or is no configuration.
 */
export function readConfigFile(path: string): MPSyncConfig {
  return checkConfig(JSON.parse(readFileSync(path, 'utf8')));
}

/**
 * Checks what may come from outside the program.
 *
 * @throws {Error} naming the key that is missing or wrong.
 */
export function checkConfig(value: unknown): MPSyncConfig {
  if (typeof value !== 'object' || value === null) throw new Error('the configuration is not an object');
  const config = value as Partial<Record<keyof MPSyncConfig, unknown>>;
  for (const key of ['appId', 'workspaceId', 'syncserver'] as const) {
    if (typeof config[key] !== 'string' || config[key] === '')
      throw new Error(`${key} is missing in the configuration`);
  }
  const port = Number(config.syncport);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new Error('syncport is not a port in the configuration');
  return value as MPSyncConfig;
}

export function endpointOf(config: MPSyncConfig): Endpoint {
  const { ca, servername, insecure } = config;
  const tls = {
    ...(ca === undefined ? {} : { ca }),
    ...(servername === undefined ? {} : { servername }),
    ...(insecure === undefined ? {} : { insecure }),
  };
  return {
    host: config.syncserver,
    port: Number(config.syncport),
    tls: config.synctls === false ? null : tls,
  };
}
