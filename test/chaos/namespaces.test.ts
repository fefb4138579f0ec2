/** Hosts of their own: what reaches them, and that nothing of them outlives a killed process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import t from 'tap';
import { until } from '../faults/cluster.js';
import { freePort } from '../free-port.js';
import { canIsolate, openNamespaces } from './namespaces.js';
import { run } from './needs.js';

const SERVER = `
  const { createServer } = require('node:net');
  createServer((socket) => socket.end('there')).listen(Number(process.argv[1]), '127.0.0.1', () => console.log('up'));
`;
/** A process with a host of its own, as a chaos run is, that was told to serve a port. */
const OWNER = `
  const { openNamespaces } = await import(process.argv[1]);
  openNamespaces().add([1]).serve([Number(process.argv[2])]);
  console.log('served');
  process.stdin.resume();
`;

/** What a server at this port says: an empty text when none answers. */
async function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(500, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(said));
  });
}

async function started(command: readonly string[]): Promise<ChildProcess> {
  const [name = '', ...args] = command;
  const child = spawn(name, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

async function listen(port: number): Promise<Server> {
  const server = createServer((socket) => socket.end('here'));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

if (canIsolate()) {
  t.test('a server on another host is found at its port of 127.0.0.1 until its link is cut', async (t) => {
    const port = await freePort();
    const namespaces = openNamespaces();
    t.teardown(() => namespaces.close());
    const host = namespaces.add([1]);
    host.serve([port]);
    const child = await started([...host.through, process.execPath, '-e', SERVER, String(port)]);
    try {
      t.equal(await ask(port), 'there');
      host.cut();
      t.equal(await ask(port), '');
      host.heal();
      t.equal(await ask(port), 'there');
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });

  t.test('what a killed process had served is an ordinary port again', async (t) => {
    const port = await freePort();
    const module = new URL('./namespaces.js', import.meta.url).href;
    const owner = await started([process.execPath, '--input-type=module', '-e', OWNER, module, String(port)]);
    const server = await listen(port);
    t.teardown(() => server.close());
    t.equal(await ask(port), '', 'it goes to the other host');
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    await until('the port is ours', 5_000, async () => (await ask(port)) === 'here');
    const leftover = `ll${owner.pid}-`;
    t.match(run('ip', 'netns', 'list'), leftover);
    openNamespaces().close();
    t.notMatch(run('ip', 'netns', 'list'), leftover, 'the next run takes the rest away');
  });
} else {
  t.skip('hosts of their own: not root, or no ip, nft or nsenter', () => undefined);
}
