import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openEmbeddedStore } from '../../src/store/embedded/index.js';
import { type Harness, route, startHarness, TOKEN } from '../admin/harness.js';

let shell: ChildProcess;
let harness: Harness;
let directory: string;
let tokenFile: string;

t.before(async () => {
  harness = await startHarness();
  shell = fork(new URL('./shell.js', import.meta.url));
  directory = t.testdir({});
  tokenFile = join(directory, 'token');
  writeFileSync(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
});
t.teardown(async () => {
  shell.kill();
  await harness.close();
});

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `longlink` against the harness. */
async function longlink(...args: string[]): Promise<Outcome> {
  return bare(...args, '--admin', harness.adminUrl, '--token-file', tokenFile);
}

let asked = 0;

/** Runs `longlink`; several at once run one after the other. */
async function bare(...args: string[]): Promise<Outcome> {
  asked += 1;
  const id = asked;
  shell.send({ id, args });
  return new Promise((resolve) => {
    const listen = (outcome: Outcome & { readonly id: number }): void => {
      if (outcome.id !== id) return;
      shell.off('message', listen);
      const { code, out, err } = outcome;
      resolve({ code, out, err });
    };
    shell.on('message', listen);
  });
}

t.test('every command says how it is used', async (t) => {
  const commands = ['send', 'config', 'keys', 'callback', 'timeline', 'clock', 'backup', 'restore'];
  const outcomes = await Promise.all(commands.map((command) => bare(command, '--help')));
  for (const [at, { code, out, err }] of outcomes.entries()) {
    t.equal(code, 0);
    t.match(out, new RegExp(`^Usage: longlink ${commands[at]}`));
    t.equal(err, '');
  }
  const usage = await bare('help');
  for (const command of commands) t.match(usage.out, new RegExp(`^  ${command} `, 'm'));
});

t.test('an instance and its configurations are made, changed and deleted', async (t) => {
  t.match(await longlink('config', 'list'), { code: 1, err: /no instance yet/ });
  t.match(await longlink('config', 'create-instance', 'w', 'a'), { code: 0, out: /"key": "w_a"/ });
  const made = await longlink(
    'config',
    'create',
    'NEWS',
    '--scope',
    'global',
    '--object',
    'device',
    '--retention',
    '7d',
  );
  t.match(JSON.parse(made.out), {
    bizType: 'NEWS',
    scope: 'global',
    retentionMs: 7 * 86_400_000,
    online: true,
  });
  t.match(await longlink('config', 'create', 'ORDERS', '--threshold', '10'), { code: 0 });
  const listed = await longlink('config', 'list');
  t.match(listed.out, /NEWS +online +global +device +7 d\nORDERS +online +specified +user +30 d/);
  t.match(await longlink('config', 'change', 'ORDERS', '--multi-device', 'no'), {
    code: 1,
    err: /CONFLICT: multiDevice changes only while .* offline \(multiDevice\)/,
  });
  t.match(await longlink('config', 'change', 'ORDERS', '--threshold', 'many'), {
    code: 2,
    err: /no whole number/,
  });
  t.match(await longlink('config', 'offline', 'NEWS'), { code: 0, out: /"online": false/ });
  t.match(await longlink('config', 'delete', 'NEWS'), { code: 0, out: 'NEWS is deleted' });
  t.match(await longlink('config', 'get', 'NEWS'), { code: 1, err: /NOT_FOUND/ });
});

t.test('data is sent, refused with its reason, and followed to its acknowledgement', async (t) => {
  const sent = await longlink(
    'send',
    '--biz',
    'ORDERS',
    '--to',
    'u1',
    '--text',
    'hello',
    '--msg',
    'c1',
    '--json',
  );
  t.match(JSON.parse(sent.out), { result: 'NOT_ONLINE', thirdMsgId: 'c1', id: /^\d+$/ });
  t.match(await longlink('send', '--biz', 'ORDERS', '--to', 'u1', '--text', 'hello', '--msg', 'c1'), {
    code: 0,
    out: /^DUPLICATED_BIZ_ID/,
  });
  t.match(await longlink('send', '--biz', 'NEWS', '--to', 'u1', '--text', 'x'), {
    code: 1,
    err: /BIZ_NOT_ONLINE/,
  });
  t.match(await longlink('send', '--biz', 'ORDERS', '--text', 'x'), {
    code: 2,
    err: /--to or --global is missing/,
  });
  t.match(await longlink('send', '--biz', 'ORDERS', '--to', 'u', '--text', 'x', '--valid-end', 'soon'), {
    code: 2,
    err: /no time such as/,
  });
  const file = join(directory, 'bytes');
  writeFileSync(file, Buffer.from([0xff, 0]));
  const bytes = ['send', '--biz', 'ORDERS', '--to', 'u1', '--file', file];
  t.match(await longlink(...bytes), { code: 2, err: /not UTF-8 text/ });
  t.match(await longlink(...bytes, '--binary', '--msg', 'c2'), { code: 0 });

  harness.routes.push(route({ user: 'u1', deviceId: 'dev-9' }));
  const following = longlink(
    'send',
    '--biz',
    'ORDERS',
    '--to',
    'u1',
    '--text',
    'x',
    '--follow',
    '--for',
    '20s',
  );
  while (harness.wakes.at(-1)?.oplog?.traced !== true)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const { id } = harness.wakes.at(-1) ?? { id: 0 };
  const cursor = { kind: 'u', owner: 'u1', biz: 'ORDERS', acked: id, ackedMs: Date.now() } as const;
  await harness.store.saveProgress({
    cursors: [
      {
        reader: { instance: 'w_a', kind: 'd', id: 'dev-9' },
        cursor: {
          ...cursor,
          attempts: 0,
          nextAttemptMs: 0,
          attemptOf: 0,
          suspectTo: 0,
          dead: [],
          recent: [],
        },
      },
    ],
    dead: [],
    events: [],
  });
  t.match(await following, { code: 0, out: /^SUCCESS.*\n.* accepted\n.* acked {2}dev-9\n$/ });
  t.match(await longlink('timeline', '--biz', 'ORDERS', '--to', 'u1', '--id', String(id)), {
    code: 0,
    out: / {2}device dev-9: acked, online/,
  });
  t.match(await longlink('timeline', '--biz', 'ORDERS', '--to', 'u1', '--msg', 'none'), {
    code: 1,
    err: /NOT_FOUND/,
  });
  const late = await longlink('timeline', '--biz', 'ORDERS', '--to', 'u2', '--msg', 'c1', '--follow');
  t.equal(late.code, 1, 'another target, another message');
});

t.test('keys are made and set, and the switch turned', async (t) => {
  const pair = join(directory, 'pair');
  t.match(await bare('keys', 'generate', pair), { code: 0 });
  t.equal(statSync(`${pair}.pem`).mode & 0o777, 0o600);
  t.match(await bare('keys', 'generate', pair), { code: 1, err: /exists; nothing is overwritten/ });
  t.match(await longlink('keys', 'on'), { code: 1, err: /set signaturePublicKey before/ });
  t.match(await longlink('keys', 'set', `${pair}.pem`), { code: 1, err: /private key/ });
  t.match(await longlink('keys', 'set', `${pair}.pub.pem`), { code: 0, out: /signature off, key / });
  t.match(await longlink('keys', 'on'), { code: 0, out: /signature demanded/ });
  const body = join(directory, 'body');
  const request = { bizType: 'ORDERS', linkToken: 'u1', thirdMsgId: 'signed', payload: 'x' };
  writeFileSync(body, JSON.stringify(request));
  const sign = (await bare('keys', 'sign', `${pair}.pem`, body)).out.trim();
  const url = `${harness.apiUrl}/webapi/sync/single?instanceId=w_a`;
  const headers = { 'content-type': 'application/json' };
  const call = async (query: string) =>
    (await fetch(url + query, { method: 'POST', headers, body: readFileSync(body) })).json();
  t.match(await call(''), { msg: 'SIGNATURE_MISMATCH', success: false });
  t.match(await call(`&sign=${sign}`), { msg: 'SUCCESS', success: true });
  t.match(await longlink('keys', 'off'), { code: 0 });
  t.match(await longlink('keys', 'remove'), { code: 0, out: /key none/ });
});

t.test('a wrong token, a server that is away and a wrong option are told apart', async (t) => {
  writeFileSync(join(directory, 'other'), 'e'.repeat(64), { mode: 0o600 });
  const wrong = await bare('keys', '--admin', harness.adminUrl, '--token-file', join(directory, 'other'));
  t.match(wrong, { code: 1, err: /UNAUTHORIZED.*is it the token file of this server/ });
  const away = await bare('keys', '--admin', 'http://127.0.0.1:1', '--token-file', tokenFile);
  t.match(away, { code: 1, err: /cannot be reached/ });
  t.match(await bare('keys', '--token-file', join(directory, 'none')), {
    code: 1,
    err: /cannot read the admin token/,
  });
  t.match(await longlink('send', '--colour', 'red'), { code: 2, err: /--colour/ });
  t.match(await longlink('keys', 'turn'), { code: 2, err: /no such part/ });
});

t.test('a held step of the clock is accepted from the shell', async (t) => {
  t.match(await longlink('clock', 'accept'), { code: 0, out: /^a step of 60 s is accepted/ });
  t.match(await longlink('clock', 'accept', '--json'), { code: 0, out: /"steppedMs": 60000/ });
  t.match(await longlink('clock', 'refuse'), { code: 2, err: /Usage: longlink clock accept/ });
  t.match(await longlink('clock'), { code: 2, err: /name a part/ });
});

t.test('the version is printed, and nothing else is understood', async (t) => {
  t.match(await bare('version'), { code: 0, out: /^longlink \d+\.\d+\.\d+ \(node / });
  t.match(await bare('version', '-h'), { code: 0, out: /^Usage: longlink version/ });
  t.match(await bare('version', '--nope'), { code: 2, err: /Unknown option/ });
});

t.test('the admin token is replaced in its file', async (t) => {
  const file = join(directory, 'own-token');
  writeFileSync(file, 'd'.repeat(64), { mode: 0o600 });
  t.match(await bare('keys', 'admin-token', '--token-file', file), { code: 0, out: /new token/ });
  t.match(readFileSync(file, 'utf8'), /^[0-9a-f]{64}\n$/);
  t.equal(statSync(file).mode & 0o777, 0o600);
});

t.test('a store is copied and restored, and nothing is overwritten', async (t) => {
  const data = join(directory, 'data');
  const copy = join(directory, 'copy');
  const restored = join(directory, 'restored');
  t.match(await bare('backup', copy, '--data-dir', data), { code: 1, err: /no backup was made/ });
  const onFatal = (error: Error) => t.fail(error.message);
  const options = { path: data, onFatal, isSingleReader: () => false, onCorrupt: () => {} };
  const store = await openEmbeddedStore(options);
  await store.saveDocs([{ collection: 'tests', key: 'k', value: 'kept' }]);
  t.match(await bare('backup', copy, '--data-dir', data), { code: 0 }, 'while the store is open');
  await store.close();
  t.match(await bare('backup', copy, '--data-dir', data), { code: 1, err: /not empty/ });
  t.match(await bare('restore', copy, '--data-dir', restored), {
    code: 0,
    out: /new ids begin above \d{16}/,
  });
  t.match(await bare('restore', copy, '--data-dir', data), { code: 1, err: /not empty/ });
  const again = await openEmbeddedStore({ ...options, path: restored });
  t.equal(await again.doc('tests', 'k'), 'kept');
  await again.close();
});
