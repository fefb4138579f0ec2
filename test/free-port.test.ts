/**
 * Two tests beside each other were once given the same port, one for a server that listened in a namespace of
 * its own: from here its port looked free, and the devices of the other test went to it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { freePort, reservePort } from './free-port.js';

const CHILD = `
  const { freePort } = await import(process.argv[1]);
  console.log(await freePort());
  process.stdin.resume();
`;

t.test('a port belongs to the process that asked for it until that ends', async (t) => {
  const module = new URL('./free-port.js', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, module]);
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  t.ok(port >= 10_000 && port < 32_000);
  t.equal(await reservePort(port), process.platform !== 'linux', 'nothing listens there, and yet');
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.equal(await reservePort(port), true);
});

t.test('a port is not given twice', async (t) => {
  const port = await freePort();
  t.equal(await reservePort(port), process.platform !== 'linux');
});
