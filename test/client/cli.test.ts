/** `longlink device` and `longlink demo` as a user starts them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { generate } from 'selfsigned';
import t from 'tap';
import { run as runDevice } from '../../src/cli/device.js';
import { CloseCode } from '../../src/core/codes.js';
import { type FakeServer, oplog, startFakeServer, within } from './fake-server.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MAIN = join(ROOT, 'build', 'src', 'main.js');
const dir = mkdtempSync(join(tmpdir(), 'longlink-cli-'));
t.teardown(() => rmSync(dir, { recursive: true, force: true }));

interface Run {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly errors: string[];
  /** Waits for a line of standard output. */
  line(pattern: RegExp): Promise<string>;
  readonly exit: Promise<number | null>;
}

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(process.execPath, [...(args[0]?.endsWith('.mjs') ? [] : [MAIN]), ...args], {
    env: { ...process.env, ...env },
  });
  const lines: string[] = [];
  const errors: string[] = [];
  let wake = (): void => undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    wake();
  });
  createInterface({ input: child.stderr }).on('line', (line) => void errors.push(line));
  return {
    child,
    lines,
    errors,
    exit: new Promise((resolve) => child.once('close', resolve)),
    async line(pattern) {
      for (;;) {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) return found;
        await within(String(pattern), new Promise<void>((resolve) => (wake = resolve)));
      }
    },
  };
}

async function withServer(t: {
  teardown(action: () => Promise<void>): void;
}): Promise<[FakeServer, string[]]> {
  const server = await startFakeServer();
  t.teardown(() => server.close());
  return [server, ['device', '--server', `127.0.0.1:${server.port}`, '--device', 'cli-1', '--biz', 'biz']];
}

t.test('a device prints what arrives, acknowledges it, and ends after the asked number', async (t) => {
  const [server, args] = await withServer(t);
  const run = start([
    ...args,
    '--user',
    'ann',
    '--session',
    's',
    '--json',
    '--count',
    '2',
    '--data',
    join(dir, 'a'),
  ]);
  const peer = await server.peer();
  t.match(peer.hello, {
    workspaceId: 'default',
    appId: 'demo',
    deviceId: 'cli-1',
    userId: 'ann',
    sessionId: 's',
  });
  peer.welcome();
  peer.sync({ kind: 'u', through: 2, oplogs: [oplog(1, 'text "1"'), oplog(2, '\u0001', true)] });
  let ack = await peer.next('ack');
  while (ack.through < 2) ack = await peer.next('ack');
  t.match(ack, { kind: 'u', biz: 'biz', through: 2 });
  t.equal(await run.exit, 0);
  const events = run.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  t.match(
    events.filter(({ event }) => event === 'message'),
    [
      { biz: 'biz', userId: 'ann', oplogId: '1', thirdMsgId: 'third-1', pl: 'text "1"' },
      { oplogId: '2', pl: 'AQ==', isB: true },
    ],
  );
  t.ok(existsSync(join(dir, 'a', 'default_demo.db')));
});

t.test('a device takes commands', async (t) => {
  const [server, args] = await withServer(t);
  const run = start([...args, '--commands']);
  const peer = await server.peer();
  peer.welcome();
  await run.line(/connected$/);
  run.child.stdin?.write('bind ann\n');
  t.match(await peer.next('bindUser'), { userId: 'ann', sessionId: 'SESSION_DEMO' });
  run.child.stdin?.write('unbind\n');
  await peer.next('unbindUser');
  run.child.stdin?.write('nonsense\nbg\n');
  await peer.next('bye');
  run.child.stdin?.write('fg\n');
  (await server.peer()).welcome();
  run.child.stdin?.write('quit\n');
  t.equal(await run.exit, 0);
  t.match(run.errors.join('\n'), /commands: fg, bg/);
});

t.test('a device that is sent away says why and fails', async (t) => {
  const [server, args] = await withServer(t);
  const run = start(args);
  (await server.peer()).kick({ code: CloseCode.UNKNOWN_INSTANCE, reason: 'no such app' });
  t.equal(await run.exit, 1);
  t.match(run.lines.at(-1), /idle 4201 no such app/);
});

t.test("a vendor's configuration file and unusable options", async (t) => {
  const [server] = await withServer(t);
  const file = join(dir, 'meta.config');
  const meta = { appId: 'APP', workspaceId: 'prod', syncserver: '127.0.0.1', syncport: String(server.port) };
  writeFileSync(file, JSON.stringify({ ...meta, synctls: false, appKey: 'x' }));
  const run = start(['device', '--config', file]);
  t.match((await server.peer()).hello, { appId: 'APP', workspaceId: 'prod' });
  run.child.kill('SIGTERM');
  t.equal(await run.exit, 0);
  for (const [args, message] of [
    [['--server', 'nowhere'], /HOST:PORT/],
    [['--count', '0'], /--count/],
    [['--instance', 'x'], /WORKSPACE_APP/],
    [['--config', join(dir, 'none')], /ENOENT/],
    [['--nonsense'], /nonsense/],
  ] as const) {
    await t.rejects(runDevice(args), message);
  }
});

t.test('the example of the guide works as it stands', async (t) => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  const server = await startFakeServer({ key, cert });
  t.teardown(() => server.close());
  const guide = readFileSync(join(ROOT, 'docs', 'client.md'), 'utf8');
  const code = /```js\n(.*?)```/s.exec(guide)?.[1] ?? '';
  // Inside the package, so that its own name resolves.
  const file = join(ROOT, 'build', `guide-example-${process.pid}.mjs`);
  writeFileSync(file, code);
  t.teardown(async () => rmSync(file));
  writeFileSync(join(dir, 'ca.pem'), cert);
  const run = start([file], {
    SYNC_PORT: String(server.port),
    SYNC_CA: join(dir, 'ca.pem'),
    SYNC_DATA: join(dir, 'guide'),
  });
  const peer = await server.peer();
  t.match(peer.hello, { userId: 'ann', sessionId: 'her-session-id', os: 'android' });
  peer.welcome();
  await run.line(/^Connected/);
  peer.sync({ kind: 'u', biz: 'DEMO-USER', through: 1, oplogs: [oplog(1, 'hello')] });
  t.match(await peer.next('ack'), { biz: 'DEMO-USER', through: 1 });
  t.equal(await run.line(/DEMO-USER/), 'DEMO-USER hello');
  run.child.kill();
  await run.exit;
});

t.test('the demo shows both devices in order and leaves nothing behind', async (t) => {
  const tmp = mkdtempSync(join(dir, 'tmp-'));
  const run = start(['demo'], { TMPDIR: tmp });
  t.equal(await run.exit, 0, run.errors.join('\n'));
  const text = run.lines.join('\n');
  for (const name of ['phone ', 'tablet'])
    t.match(text, new RegExp(`${name} +has 1 2 3 4 5: in order, each once`));
  t.match(text, /accepted.*stored.*sent phone.*sent tablet.*acked tablet/s);
  t.match(run.lines.at(-1), /All as promised/);
  t.same(readdirSync(tmp), []);
});
