/** A whole server in this process, with the signed APIs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkConfig } from '../../src/config.js';
import { startServer } from '../../src/serve.js';

/** Everything in this process, on free ports, in a directory of its own. */
export async function startAll(dataDir: string) {
  const config = checkConfig({
    dataDir,
    workers: 0,
    demoInstance: true,
    listeners: [{ name: 'tcp', port: 0, tls: false }],
    api: { port: 0 },
    openapi: { enabled: true, port: 0 },
    admin: { port: 0 },
    log: { level: 'error' },
  });
  const server = await startServer(config);
  const portOf = (name: string): number =>
    server.addresses.find((address) => address.name === name)?.port ?? 0;
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  const admin = async (method: string, path: string, body?: unknown): Promise<Record<string, never>> => {
    const response = await fetch(`http://127.0.0.1:${portOf('admin')}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Record<string, never>;
  };
  return { server, portOf, admin };
}
