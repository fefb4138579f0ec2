import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { checkConfig, configKeys, envName, isLoopback, readConfig } from '../src/config.js';
import { configReference } from '../src/config-reference.js';

const ROOT = resolve(import.meta.dirname, '../..');

/** The message with which a configuration is refused. */
function refusal(tree: Record<string, unknown>): string {
  try {
    checkConfig(tree);
  } catch (error) {
    return error instanceof Error && error.name === 'ConfigError'
      ? error.message
      : `wrong error ${String(error)}`;
  }
  return 'accepted';
}

t.test('every key has a default, a meaning and a variable of its own', (t) => {
  const keys = configKeys();
  t.ok(keys.length > 60);
  for (const { key, schema } of keys) {
    t.not(schema.default, undefined, `${key} has a default`);
    t.ok((schema.description ?? '').length > 10, `${key} says what it means`);
  }
  t.equal(new Set(keys.map((key) => key.env)).size, keys.length);
  t.equal(envName('link.heartbeatSec'), 'LONGLINK_LINK_HEARTBEAT_SEC');
  t.equal(envName('dataDir'), 'LONGLINK_DATA_DIR');
  t.end();
});

t.test('an empty configuration is all defaults, listens to this machine only and has no plain TCP', (t) => {
  const config = checkConfig({});
  t.equal(config.link.heartbeatSec, 240);
  t.equal(config.delivery.maxAttempts, 6);
  t.ok(config.listeners.every((listener) => listener.tls && isLoopback(listener.host)));
  t.ok(isLoopback(config.api.host) && isLoopback(config.admin.host));
  t.end();
});

t.test('the shipped files are valid: development with plain TCP, production without', (t) => {
  const development = readConfig({ env: {} });
  t.same(
    development.listeners.map(({ port, tls }) => [port, tls]),
    [
      [8000, false],
      [8443, true],
    ],
  );
  t.equal(development.api.port, 8080);
  t.equal(development.admin.port, 9000);
  const production = readConfig({ file: join(ROOT, 'config/production.example.json'), env: {} });
  t.same(
    production.listeners.map(({ port, tls }) => [port, tls]),
    [
      [443, true],
      [8000, true],
    ],
  );
  t.ok(isLoopback(production.admin.host));
  t.end();
});

t.test('flags win over variables, variables over the file', (t) => {
  const file = join(mkdtempSync(join(t.testdir(), 'c-')), 'c.json');
  writeFileSync(
    file,
    JSON.stringify({ workers: 3, link: { heartbeatSec: 100, tickMs: 50 }, log: { level: 'warn' } }),
  );
  const config = readConfig({
    file,
    env: {
      LONGLINK_WORKERS: '4',
      LONGLINK_LINK_HEARTBEAT_SEC: '200',
      LONGLINK_LOG_LEVEL: 'debug',
      PATH: '/bin',
    },
    flags: [['link.heartbeatSec', '300']],
  });
  t.equal(config.workers, 4);
  t.equal(config.link.heartbeatSec, 300);
  t.equal(config.link.tickMs, 50);
  t.equal(config.log.level, 'debug');
  t.equal(readConfig({ env: { LONGLINK_CONFIG: file } }).workers, 3);
  t.end();
});

t.test('lists come from variables as JSON', (t) => {
  const config = readConfig({
    env: { LONGLINK_LISTENERS: '[{"name":"a","port":0}]', LONGLINK_DELIVERY_ATTEMPT_BACKOFF_MS: '[1,2]' },
  });
  t.same(config.listeners, [{ name: 'a', port: 0, host: '127.0.0.1', tls: true, proxyProtocol: false }]);
  t.same(config.delivery.attemptBackoffMs, [1, 2]);
  t.end();
});

t.test('what is not known is refused with the nearest name', (t) => {
  t.equal(refusal({ lnk: {} }), 'lnk: no such key (did you mean link?)');
  t.equal(refusal({ link: { heartBeat: 1 } }), 'link.heartBeat: no such key (did you mean heartbeatSec?)');
  t.equal(refusal({ zzzzzzzz: 1 }), 'zzzzzzzz: no such key');
  t.equal(
    refusal({ listeners: [{ name: 'a', prot: 1 }] }),
    'listeners[0].prot: no such key (did you mean port?)',
  );
  t.equal(refusal(JSON.parse('{"__proto__":{"x":1}}')), '__proto__: no such key');
  t.throws(() => readConfig({ env: { LONGLINK_LINK_HEARTBEAT: '5' } }), {
    message: 'LONGLINK_LINK_HEARTBEAT: no such variable (did you mean LONGLINK_LINK_HEARTBEAT_SEC?)',
  });
  t.throws(() => readConfig({ env: {}, flags: [['link.tick', '5']] }), {
    message: /did you mean link.tickMs/,
  });
  t.end();
});

t.test('what is out of bounds is refused with the value and the limit', (t) => {
  t.match(refusal({ link: { heartbeatSec: 2 } }), /^link\.heartbeatSec: 2 must be >= 5/);
  t.equal(refusal({ link: { tickMs: 5000 } }), 'link.tickMs: 5000 must be <= 1000');
  t.equal(refusal({ link: { tickMs: 'x' } }), 'link.tickMs: "x" must be integer');
  t.equal(refusal({ workers: null }), 'workers: null must be integer');
  t.match(refusal({ log: { level: 'loud' } }), /^log\.level: "loud" must be .*trace.*fatal/);
  t.match(refusal({ listeners: [{ name: 'a' }] }), /^listeners\.0: .*port/);
  t.match(
    refusal({ link: { tickMs: 5000, framesPerSecond: 0 } }),
    /tickMs.*\n.*framesPerSecond|framesPerSecond.*\n.*tickMs/,
  );
  t.throws(() => readConfig({ env: { LONGLINK_WORKERS: 'many' } }), { message: /LONGLINK_WORKERS: "many"/ });
  t.end();
});

t.test('keys that contradict each other are refused', (t) => {
  t.equal(
    refusal({ link: { minHeartbeatSec: 300 } }),
    'link.minHeartbeatSec: 300 must not be above link.heartbeatSec, which is 240',
  );
  t.match(refusal({ admin: { host: '0.0.0.0' } }), /^admin\.host: 0\.0\.0\.0 is not a loopback address/);
  t.match(refusal({ tls: { certFile: 'a.pem' } }), /^tls: certFile and keyFile/);
  t.match(
    refusal({
      listeners: [
        { name: 'a', port: 1 },
        { name: 'a', port: 2 },
      ],
    }),
    /two are named "a"/,
  );
  t.equal(checkConfig({ admin: { host: '0.0.0.0', certFile: 'a', keyFile: 'b' } }).admin.host, '0.0.0.0');
  t.end();
});

t.test('a file that cannot be read or is no JSON object says so in one line', (t) => {
  const dir = t.testdir({ 'a.json': '{', 'b.json': '[]' });
  for (const [file, pattern] of [
    ['none.json', /^cannot read .*none\.json/],
    ['a.json', /a\.json is not JSON/],
    ['b.json', /holds no JSON object/],
  ] as const) {
    t.throws(() => readConfig({ file: join(dir, file), env: {} }), { name: 'ConfigError', message: pattern });
  }
  t.end();
});

t.test('the configuration is frozen, and the directory absolute', (t) => {
  const config = readConfig({ env: {} });
  t.ok(Object.isFrozen(config) && Object.isFrozen(config.link) && Object.isFrozen(config.listeners[0]));
  t.equal(config.dataDir, resolve('data'));
  t.end();
});

t.test('docs/operations.md holds the reference as generated', (t) => {
  const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
  t.ok(page.includes(configReference()), 'run `longlink config reference` and paste its output');
  t.end();
});
