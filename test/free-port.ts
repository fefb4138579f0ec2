import { createServer } from 'node:net';

/**
 * A TCP port of 127.0.0.1 that was free a moment ago. From below the range that the kernel gives to
 * outgoing connections: one of a device's once took the port of a server that was to come back.
 */
export async function freePort(): Promise<number> {
  const port = 10_000 + Math.floor(Math.random() * 22_000);
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (!free) return freePort();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
