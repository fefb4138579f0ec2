import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { isPublicAddress } from '../../src/api/validation/public-address.js';
import { createValidator, type Validate } from '../../src/api/validation/validator.js';
import type { Instance } from '../../src/core/model.js';

interface Endpoint {
  readonly validate: Validate;
  readonly instance: Instance;
  /** Bodies and headers of the calls that came. */
  readonly calls: { body: unknown; operation: unknown }[];
  readonly verdicts: string[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
}

const valid = { success: true, resultCode: 'OK', result: { sid: 's1', valid: true } };

async function endpoint(
  t: { teardown(run: () => unknown): void },
  more: Partial<Instance> = {},
): Promise<Endpoint> {
  const made: Endpoint = {
    calls: [],
    verdicts: [],
    answer: (_request, response) => response.end(JSON.stringify(valid)),
    instance: {} as Instance,
    validate: () => Promise.resolve(false),
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      made.calls.push({ body, operation: request.headers['operation-type'] });
      made.answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const validate = createValidator({
    timeoutMs: 200,
    cacheMs: 60_000,
    cacheSize: 10,
    onVerdict: (verdict, _instance, reason) => made.verdicts.push(`${verdict} ${reason}`.trim()),
  });
  const instance: Instance = {
    key: 'default_demo',
    workspaceId: 'default',
    appId: 'demo',
    signature: false,
    signaturePublicKey: '',
    validateUrl: `${origin}/check`,
    validateOperation: 'com.antdcloud.session.validate',
    validateAllow: [origin],
    createdMs: 0,
    ...more,
  };
  return Object.assign(made, { validate, instance });
}

t.test('a valid session is asked for once, with the fields of the guide', async (t) => {
  const e = await endpoint(t);
  t.same(await Promise.all([1, 2, 3].map(() => e.validate(e.instance, 'ann', 's1'))), [true, true, true]);
  t.equal(await e.validate(e.instance, 'ann', 's1'), true);
  t.same(e.calls, [
    {
      body: { instanceId: 'default_demo', userId: 'ann', sessionId: 's1' },
      operation: 'com.antdcloud.session.validate',
    },
  ]);
  t.same(e.verdicts, ['valid']);
});

t.test('every shape of answer that the guide prints is understood', async (t) => {
  const shapes: [unknown, boolean][] = [
    [{ response: { success: 'true', result: { sid: 's1', valid: 'true' } } }, true],
    [{ success: true, result: JSON.stringify({ sid: 's1', valid: true }) }, true],
    [{ success: true, result: { valid: true } }, true],
    [{ success: true, result: { sid: 's1', valid: 'false' } }, false],
    [{ success: 'false', result: { sid: 's1', valid: true } }, false],
    [{ success: true, result: { sid: 'another', valid: true } }, false],
    [{ success: true, result: '{' }, false],
    [{ success: 1, result: { valid: 1 } }, false],
    [[], false],
    [null, false],
  ];
  for (const [shape, expected] of shapes) {
    const e = await endpoint(t);
    e.answer = (_request, response) => response.end(JSON.stringify(shape));
    t.equal(await e.validate(e.instance, 'ann', 's1'), expected, JSON.stringify(shape));
  }
});

t.test('without an answer the session is not valid, and the next question is asked again', async (t) => {
  const e = await endpoint(t);
  const failures: [string, Endpoint['answer'], RegExp][] = [
    ['time-out', () => {}, /^failed .*(timeout|aborted)/i],
    ['an error', (_q, r) => r.writeHead(500).end(), /^failed .* answered 500/],
    ['a redirect', (_q, r) => r.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), /answered 302/],
    ['too much', (_q, r) => r.end('x'.repeat(100_000)), /answered too much/],
    ['no JSON', (_q, r) => r.end('<html>'), /^failed/],
    ['a cut', (q) => q.socket.destroy(), /^failed/],
  ];
  for (const [name, answer, reason] of failures) {
    e.answer = answer;
    t.equal(await e.validate(e.instance, 'ann', 's1'), false, name);
    t.match(e.verdicts.at(-1), reason, name);
  }
  e.answer = (_request, response) => response.end(JSON.stringify(valid));
  t.equal(await e.validate(e.instance, 'ann', 's1'), true);
});

t.test('without an endpoint, a user or a session nothing is asked and nothing is valid', async (t) => {
  const e = await endpoint(t);
  t.equal(await e.validate({ ...e.instance, validateUrl: '' }, 'ann', 's1'), false);
  t.equal(await e.validate(e.instance, '', 's1'), false);
  t.equal(await e.validate(e.instance, 'ann', ''), false);
  t.equal(e.calls.length, 0);
});

t.test('a changed endpoint is asked at once', async (t) => {
  const e = await endpoint(t);
  await e.validate(e.instance, 'ann', 's1');
  await e.validate({ ...e.instance, validateUrl: `${e.instance.validateUrl}/2` }, 'ann', 's1');
  t.equal(e.calls.length, 2);
});

t.test('no tenant reaches the own network of the server unless its operator says so', async (t) => {
  const e = await endpoint(t, { validateAllow: [] });
  const { port } = new URL(e.instance.validateUrl);
  for (const url of [
    e.instance.validateUrl,
    `https://127.0.0.1:${port}/`,
    'https://127.0.0.1/',
    'https://127.0.0.1:8443/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://169.254.169.254/latest/',
    'https://localhost/',
    `http://localhost:${port}/`,
    'file:///etc/passwd',
  ]) {
    t.equal(await e.validate({ ...e.instance, validateUrl: url }, 'ann', 's1'), false, url);
    t.match(e.verdicts.at(-1), /not https|not a public|not public/, url);
  }
  t.equal(e.calls.length, 0, 'nothing arrived');
});

t.test('public and other addresses', (t) => {
  for (const address of ['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111', '2a00:1450::1']) {
    t.ok(isPublicAddress(address), address);
  }
  for (const address of [
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.9.9.9', '172.31.255.255', '192.168.1.1', '224.0.0.1'],
    ...['255.255.255.255', '::', '::1', '::ffff:8.8.8.8', '64:ff9b::a00:1', 'fd00::1', 'fe80::1', 'ff02::1'],
    ...['2002:a00:1::', '2001:db8::1', 'example.com', ''],
  ]) {
    t.notOk(isPublicAddress(address), address);
  }
  t.end();
});
