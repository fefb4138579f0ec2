import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { connect } from 'node:tls';
import { generate } from 'selfsigned';
import t from 'tap';
import { checkConfig } from '../../src/config.js';
import { makeDataDir, socketPath } from '../../src/processes/data-dir.js';
import { startServer } from '../../src/serve.js';
import { call, createCluster, signal, until } from '../faults/cluster.js';
import { RawDevice } from '../history/device.js';
import { openRecorder } from '../history/recorder.js';

const MAIN = resolve(import.meta.dirname, '../../src/main.js');

/** Runs the command line to its end. */
function longlink(args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { out: '', err: '' };
    child.stdout.on('data', (chunk) => (text.out += chunk));
    child.stderr.on('data', (chunk) => (text.err += chunk));
    child.on('close', (code) => done({ code, ...text }));
  });
}

const PORTS = ['api.port=0', 'admin.port=0', 'openapi.port=0'].flatMap((pair) => ['--set', pair]);
const FREE = [...PORTS, '--set', 'listeners=[{"name":"tls","port":0}]'];

t.test('serve, its processes and its signals', async (t) => {
  const cluster = await createCluster({
    workers: 2,
    config: { demoInstance: true, drain: { overMs: 1000, limitMs: 20_000 }, link: { retryAfterMinMs: 10 } },
  });
  t.teardown(() => cluster.dispose());
  await cluster.start();
  const recorder = openRecorder(join(cluster.dir, 'history.jsonl'));
  const device = new RawDevice({
    port: () => cluster.ports.tls,
    tls: true,
    ws: 'default',
    app: 'demo',
    dev: 'device-1',
    user: 'ann',
    recorder,
  });
  t.teardown(() => {
    device.stop();
    recorder.close();
  });
  let sent = 0;
  const send = async (): Promise<unknown> => {
    sent += 1;
    const data = { bizType: 'DEMO-USER', linkToken: 'ann', thirdMsgId: `m${sent}`, payload: '{"seq":1}' };
    const path = '/webapi/sync/single?instanceId=default_demo';
    const headers = { 'content-type': 'application/json' };
    const answer = await call(
      { port: cluster.ports.api, method: 'POST', path, headers },
      JSON.stringify(data),
    );
    return JSON.parse(answer.body);
  };

  await t.test('the first run makes its secrets for this user alone', async (t) => {
    for (const [file, mode] of [
      ['.', 0o700],
      ['tls/key.pem', 0o600],
      ['admin.token', 0o600],
      ['bus.sock', 0o600],
    ] as const) {
      t.equal(statSync(join(cluster.dataDir, file)).mode & 0o777, mode, file);
    }
  });

  await t.test('data reaches a device; the page of metrics adds the processes up', async (t) => {
    device.start();
    await device.connected();
    t.same(await send(), { success: true, msg: 'SUCCESS' });
    await until('handed over', 5000, () => device.tally.handedOver === 1);
    let body = '';
    await until('both workers counted', 5000, async () => {
      body = (await cluster.admin('GET', '/metrics')).body;
      return body.includes('longlink_workers 2\n');
    });
    t.match(body, 'longlink_sessions 1');
    t.match(body, 'longlink_oplogs_total{instance="default_demo",biz="DEMO-USER",step="sent"} 1');
    t.match(body, 'longlink_conservation_gap{instance="default_demo",biz="DEMO-USER"} 0');
  });

  await t.test('a killed control is replaced, and devices keep their connections', async (t) => {
    const { control } = cluster.pids();
    signal(control, 'SIGKILL');
    await until('another control', 10_000, () => ![0, control].includes(cluster.pids().control));
    await cluster.ready();
    await until('announced anew', 5000, async () =>
      (await cluster.admin('GET', '/metrics')).body.includes('longlink_routes 1\n'),
    );
    t.same(await send(), { success: true, msg: 'SUCCESS' }, 'the new control knows who is online');
    await until('handed over', 5000, () => device.tally.handedOver === 2);
    t.equal(device.tally.connects, 1);
  });

  await t.test('killed workers are replaced, and devices come back', async (t) => {
    const before = cluster.pids().workers;
    for (const pid of before) signal(pid, 'SIGKILL');
    await until('two others', 10_000, () => {
      const now = cluster.pids().workers;
      return now.length === 2 && now.every((pid) => !before.includes(pid));
    });
    await until('back', 10_000, () => device.tally.connects === 2 && device.connection !== null);
    t.same(await send(), { success: true, msg: 'SUCCESS' });
    await until('handed over', 5000, () => device.tally.handedOver === 3);
  });

  await t.test('SIGHUP reads the certificate again without dropping a connection', async (t) => {
    const serial = (): Promise<string> =>
      new Promise((done, fail) => {
        const socket = connect({ port: cluster.ports.tls, rejectUnauthorized: false }, () => {
          done(socket.getPeerCertificate().serialNumber);
          socket.destroy();
        });
        socket.on('error', fail);
      });
    const old = await serial();
    const pair = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' });
    writeFileSync(join(cluster.dataDir, 'tls/key.pem'), pair.private);
    writeFileSync(join(cluster.dataDir, 'tls/cert.pem'), pair.cert);
    signal(cluster.pids().supervisor, 'SIGHUP');
    await until('another serial', 5000, async () => (await serial()) !== old);
    t.equal(device.tally.connects, 2);
  });

  await t.test('a second server on the directory is refused in one line', async (t) => {
    const { code, err } = await longlink(['serve', '--data-dir', cluster.dataDir, '--workers', '0', ...FREE]);
    t.equal(code, 4);
    t.match(err, /^longlink: .*in use by process \d+\n$/);
  });

  await t.test('SIGTERM tells the devices when to come back and ends in order', async (t) => {
    t.not(device.connection, null);
    t.equal(await cluster.stop(), 0);
    t.same(device.tally.kicks, [4000]);
    t.notOk(existsSync(join(cluster.dataDir, 'writer.lock')));
  });
});

t.test('what cannot start says why in one line and with its exit code', async (t) => {
  const dir = t.testdir({});
  const taken = createServer();
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
  const { port } = taken.address() as { port: number };
  t.teardown(() => taken.close());
  const listeners = (p: number): string => `listeners=[{"name":"tls","port":${p}}]`;
  const start = ['serve', '--data-dir', join(dir, 'data')];
  const [byDevice, byAdmin, byOption, byKey, byFile] = await Promise.all([
    longlink([...start, '--workers', '1', ...PORTS, '--set', listeners(port)]),
    longlink([
      'serve',
      '--data-dir',
      join(dir, 'other'),
      '--workers',
      '0',
      ...FREE,
      '--set',
      `admin.port=${port}`,
    ]),
    longlink(['serve', '--nonsense']),
    longlink(['serve', '--set', 'link.heartbeat=5']),
    longlink([...start, '--set', 'tls.certFile=/none.pem', '--set', 'tls.keyFile=/none.pem']),
  ]);
  t.same([byDevice.code, byDevice.err], [3, `longlink: 127.0.0.1:${port} is in use by another program\n`]);
  t.same([byAdmin.code, byAdmin.err], [3, `longlink: 127.0.0.1:${port} is in use by another program\n`]);
  t.equal(byOption.code, 2);
  t.match(byOption.err, /^longlink: Unknown option '--nonsense'/);
  t.same(
    [byKey.code, byKey.err],
    [2, 'longlink: link.heartbeat: no such key (did you mean link.heartbeatSec?)\n'],
  );
  t.same([byFile.code, byFile.err], [2, 'longlink: /none.pem does not exist\n']);
});

t.test('the data directory is for this user alone, and no other directory is taken for it', (t) => {
  const dir = t.testdir({ empty: {}, ours: { 'store.mdb': '' }, others: { 'letters.txt': '' } });
  for (const name of ['empty', 'ours', 'others']) chmodSync(join(dir, name), 0o755);
  makeDataDir(join(dir, 'new/deep'));
  makeDataDir(join(dir, 'empty'));
  makeDataDir(join(dir, 'ours'));
  for (const name of ['new/deep', 'empty', 'ours'])
    t.equal(statSync(join(dir, name)).mode & 0o777, 0o700, name);
  t.throws(() => makeDataDir(join(dir, 'others')), { name: 'StartError', message: /holds other files/ });
  t.equal(statSync(join(dir, 'others')).mode & 0o777, 0o755);
  t.throws(() => makeDataDir(join(dir, 'others/letters.txt')), { name: 'StartError' });
  const long = join(dir, 'x'.repeat(120));
  makeDataDir(long);
  t.ok(Buffer.byteLength(socketPath(long, 'bus.sock')) < 100, 'a socket fits into any directory');
  t.equal(socketPath('/tmp', 'bus.sock'), '/tmp/bus.sock');
  t.end();
});

t.test('the command line explains itself', async (t) => {
  const [none, help, version, wrong, serve, reference] = await Promise.all([
    longlink([]),
    longlink(['--help']),
    longlink(['--version']),
    longlink(['sevre']),
    longlink(['serve', '--help']),
    longlink(['config', 'reference']),
  ]);
  t.equal(none.code, 2);
  t.equal(help.code, 0);
  t.match(help.out, /serve +run the server/);
  t.match(version.out, /^longlink \d+\.\d+\.\d+/);
  t.equal(wrong.code, 2);
  t.match(serve.out, /Exit codes/);
  t.match(reference.out, /^\| Key \|/);
});

t.test('everything in one process', async (t) => {
  const dataDir = join(t.testdir({}), 'data');
  const config = checkConfig({
    dataDir,
    workers: 0,
    demoInstance: true,
    listeners: [{ name: 'tcp', port: 0, tls: false }],
    api: { port: 0 },
    admin: { port: 0 },
    openapi: { port: 0 },
    log: { level: 'error' },
  });
  const server = await startServer(config);
  const portOf = (name: string): number => server.addresses.find((one) => one.name === name)?.port ?? 0;
  t.same(
    server.addresses.map(({ name, protocol }) => `${name} ${protocol}`),
    ['tcp tcp', 'api http', 'admin http'],
  );
  const recorder = openRecorder(join(dataDir, 'history.jsonl'));
  const device = new RawDevice({
    port: () => portOf('tcp'),
    tls: false,
    ws: 'default',
    app: 'demo',
    dev: 'device-1',
    user: 'ann',
    recorder,
  });
  device.start();
  await device.connected();
  const body = JSON.stringify({
    bizType: 'DEMO-DEVICE',
    linkToken: 'device-1',
    thirdMsgId: '1',
    payload: '{"seq":1}',
  });
  const path = '/webapi/sync/single?instanceId=default_demo';
  const headers = { 'content-type': 'application/json' };
  const answer = await call({ port: portOf('api'), method: 'POST', path, headers }, body);
  t.same(JSON.parse(answer.body), { success: true, msg: 'SUCCESS' });
  await until('handed over', 5000, () => device.tally.handedOver === 1);
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  const auth = { authorization: `Bearer ${token}` };
  const metrics = await call({ port: portOf('admin'), method: 'GET', path: '/metrics', headers: auth });
  t.match(metrics.body, /longlink_sessions 1\n/, 'counted once, though worker and control share the process');
  t.equal(await server.stop(), 0);
  t.same(device.tally.kicks, [4000]);
  device.stop();
  recorder.close();
  rmSync(dataDir, { recursive: true });
});
