import { createServer } from 'node:net';

/**
 * A TCP port of 127.0.0.1 that is free, and that no other test is given for as long as this process lives: a
 * server that is down for a moment, or in a namespace of its own, keeps its port. From below the range that
 * the kernel gives to outgoing connections: one of a device's once took the port of a server that was to
 * come back.
 */
export async function freePort(): Promise<number> {
  const port = 10_000 + Math.floor(Math.random() * 22_000);
  return (await reservePort(port)) && (await isFree(port)) ? port : freePort();
}

/**
 * Binds a name that the kernel gives to one process, and takes back when it ends. Linux only.
 * @returns false for a port that has been given.
 */
export async function reservePort(port: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const name = createServer().unref();
  return new Promise((resolve) => {
    name.once('error', () => resolve(false));
    name.listen(`\0longlink-test-port-${port}`, () => resolve(true));
  });
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}
