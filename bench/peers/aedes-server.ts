/** Aedes with what it keeps in memory, on a port of its own. */
import { type AddressInfo, createServer } from 'node:net';
import { Aedes } from 'aedes';
import { serveParent } from '../load/questions.js';

async function listen(): Promise<number> {
  const broker = await Aedes.createBroker();
  const server = createServer({ noDelay: true }, broker.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
  return (server.address() as AddressInfo).port;
}

serveParent({ listen });
