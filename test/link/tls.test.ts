import { execFile, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { CloseCode } from '../../src/core/codes.js';
import { createCertificates } from '../../src/link/certificates.js';
import type { LinkLimits } from '../../src/link/link.js';
import { NO_METRICS } from '../../src/link/metrics.js';
import {
  type Device,
  device,
  dial,
  dialTls,
  hello,
  makeCertificate,
  ping,
  type Rig,
  startRig,
  until,
} from './rig.js';

async function rigFor(t: Test, limits: Partial<LinkLimits> = {}): Promise<Rig> {
  const rig = await startRig(limits);
  t.teardown(() => rig.close());
  return rig;
}

/** A device on TLS that has had its answer. */
async function online(port: number, options: Parameters<typeof dialTls>[1] = {}): Promise<Device> {
  const one = dialTls(port, options);
  one.send(hello(), ping());
  await one.next();
  return one;
}

/** Serial number of the certificate that a new connection is shown. */
async function serialShown(rig: Rig): Promise<string> {
  const one = await online(rig.ports.tls);
  const { serialNumber } = (one.socket as TLSSocket).getPeerCertificate();
  one.socket.destroy();
  return serialNumber;
}

/** Puts a file in place in one step, as certificate tools do. */
function replace(file: string, content: string): void {
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const needsOpenssl = hasOpenssl ? {} : { skip: 'openssl is not installed' };

// ── What is spoken ──────────────────────────────────────────────────────────────────────────

t.test('with lean TLS, what devices send and how connections end is the same', async (t) => {
  const rig = await rigFor(t, { leanTls: true });
  const one = await online(rig.ports.tls);
  // A long frame of an unknown kind in one go, then pings: all of it in order.
  const unknown = Buffer.concat([Buffer.from([0xa2, 0x1f, 0xe0, 0xd4, 0x03]), Buffer.alloc(60_000)]);
  one.send(Buffer.concat([Buffer.from([0xe5, 0xd4, 0x03]), unknown]));
  for (let n = 2; n < 12; n++) one.send(ping(n));
  for (let n = 2; n < 12; n++) t.match(await one.next(), { type: 'pong', clientTimeMs: n });
  t.equal(rig.link.count(), 1);
  one.socket.destroy();
  await until(() => rig.link.count() === 0, 'the end of a cut connection');
  const two = await online(rig.ports.tls);
  two.socket.end();
  await until(() => rig.link.count() === 0, 'the end of a closed connection');
  const garbage = connect(rig.ports.tls, '127.0.0.1');
  garbage.on('error', () => undefined);
  garbage.write(randomBytes(100));
  await until(() => rig.counted.includes('handshake failed'), 'counted');
  garbage.destroy();
  t.equal(rig.link.count(), 0);
});

t.test('TLS 1.2 and 1.3 with modern ciphers are spoken, and nothing older', async (t) => {
  const rig = await rigFor(t);
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const one = await online(rig.ports.tls, { minVersion: version, maxVersion: version });
    t.equal((one.socket as TLSSocket).getProtocol(), version);
    one.socket.destroy();
  }
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
  const weak = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256:AES256-GCM-SHA384' } as const;
  for (const options of [old, weak]) {
    const one = dialTls(rig.ports.tls, options);
    t.equal(await one.closed(), 0);
    t.equal((one.socket as TLSSocket).getProtocol(), null, 'no handshake');
  }
  const failed = () => rig.counted.filter((line) => line === 'handshake failed').length;
  await until(() => failed() === 2, 'counted');
  t.equal(rig.link.count(), 0);
});

t.test('renegotiation is refused and does not disturb the connection', async (t) => {
  const rig = await rigFor(t);
  const one = await online(rig.ports.tls, { maxVersion: 'TLSv1.2' });
  const secure = one.socket as TLSSocket;
  const refused = new Promise<unknown>((resolve) => {
    secure.renegotiate({}, resolve);
    void one.closed().then(() => resolve(new Error('closed')));
  });
  one.send(ping(9));
  t.ok((await refused) instanceof Error);
  t.equal(rig.counted.filter((line) => line.startsWith('handshake')).length, 1, 'one handshake in all');
  t.notOk(rig.counted.includes('handshake failed'));
});

t.test('openssl is refused renegotiation, and offered no early data', needsOpenssl, async (t) => {
  const rig = await rigFor(t);
  const canary = await online(rig.ports.tls);
  const target = ['s_client', '-connect', `127.0.0.1:${rig.ports.tls}`];
  const asked = spawn('openssl', [...target, '-tls1_2']);
  let said = '';
  for (const stream of [asked.stdout, asked.stderr]) stream.on('data', (text) => (said += text));
  await until(() => said.includes('Verify return code'), 'the handshake');
  asked.stdin.write('R\n');
  await new Promise((resolve) => asked.on('close', resolve));
  t.match(said, /no renegotiation/i);
  const ended = await new Promise<string>((resolve) => {
    const one = execFile('openssl', [...target, '-tls1_3'], (_error, stdout) => resolve(stdout));
    // Long enough for the session tickets, which tell how much early data is allowed.
    setTimeout(() => one.stdin?.end(), 300);
  });
  t.match(ended, /TLSv1\.3/);
  t.match(ended, /Max Early Data: 0/);
  t.notMatch(ended, /Max Early Data: [1-9]/);
  canary.send(ping(3));
  t.match(await canary.next(), { clientTimeMs: 3 });
});

t.test('a TLS handshake that does not end is cut at its deadline', async (t) => {
  const rig = await rigFor(t, { tlsHandshakeTimeoutMs: 200 });
  const startMs = performance.now();
  const half = dial(rig.ports.tls);
  half.send(Buffer.from('1603010200010001fc0303', 'hex'));
  const drip = setInterval(() => half.send(Buffer.alloc(1)), 50);
  t.equal(await half.closed(), 0);
  clearInterval(drip);
  const tookMs = performance.now() - startMs;
  t.ok(tookMs >= 190 && tookMs < 4000, `${tookMs} ms`);
  await until(() => rig.link.count() === 0, 'released');
  t.ok(rig.counted.includes('handshake failed'));
  t.strictSame(rig.told, [], 'the owner never heard of it');
});

// ── Certificates and tickets ────────────────────────────────────────────────────────────────

t.test('a new certificate is shown within a poll, and live connections go on', async (t) => {
  const rig = await rigFor(t);
  const live = await online(rig.ports.tls);
  const before = await serialShown(rig);
  const fresh = await makeCertificate();
  replace(rig.keyFile, fresh.key);
  replace(rig.certFile, fresh.cert);
  await until(() => rig.counted.includes('reload true'), 'the reload');
  t.not(await serialShown(rig), before);
  live.send(ping(5));
  t.match(await live.next(), { clientTimeMs: 5 });
});

t.test('broken certificate files change nothing but the log and the metric', async (t) => {
  const rig = await rigFor(t);
  const before = await serialShown(rig);
  const other = await makeCertificate();
  const expired = await makeCertificate({ notAfter: new Date(Date.now() - 1000) });
  const pairs: Record<string, { cert: string; key: string }> = {
    'no PEM': { ...other, cert: 'no certificate' },
    'a cut file': { ...other, cert: other.cert.slice(0, 200) },
    'an empty key': { ...other, key: '' },
    'a key of another certificate': { cert: other.cert, key: expired.key },
    'an expired certificate': expired,
    'empty files': { cert: '', key: '' },
  };
  for (const [name, pair] of Object.entries(pairs)) {
    replace(rig.certFile, pair.cert);
    replace(rig.keyFile, pair.key);
    const failures = () => rig.counted.filter((line) => line === 'reload false').length;
    const lines = rig.logged.length;
    const counted = failures();
    t.equal(await rig.certificates.reload(), false, name);
    t.ok(rig.logged.length > lines, `${name} is logged`);
    t.ok(failures() > counted, `${name} is counted`);
    t.equal(await serialShown(rig), before, `${name}: the old one is shown`);
  }
  replace(rig.certFile, other.cert);
  replace(rig.keyFile, other.key);
  t.equal(await rig.certificates.reload(), true);
  t.not(await serialShown(rig), before, 'and good files are taken again');
});

t.test('the server does not start with broken certificate files', async (t) => {
  const rig = await rigFor(t);
  replace(rig.keyFile, (await makeCertificate()).key);
  const { certFile, keyFile } = rig;
  const log = { info() {}, error() {} };
  const options = { certFile, keyFile, pollMs: 0, wallMs: Date.now, metrics: NO_METRICS, log };
  await t.rejects(createCertificates(options), { message: /key is not that of the certificate/ });
  await t.rejects(createCertificates({ ...options, certFile: `${certFile}.none` }), { code: 'ENOENT' });
});

t.test('a ticket of one worker is taken by another with the same keys, until they change', async (t) => {
  const first = await rigFor(t);
  const second = await rigFor(t);
  const keys = randomBytes(48);
  for (const rig of [first, second]) rig.certificates.setTicketKeys(keys);
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const session = await sessionOf(first.ports.tls, version);
    t.equal(await resumes(second.ports.tls, session, version), true, version);
    second.certificates.setTicketKeys(randomBytes(48));
    t.equal(await resumes(second.ports.tls, session, version), false, `${version}, after a change`);
    second.certificates.setTicketKeys(keys);
  }
  t.equal(second.counted.filter((line) => line === 'handshake resumed').length, 2);
});

type Version = 'TLSv1.2' | 'TLSv1.3';

async function sessionOf(port: number, version: Version): Promise<Buffer> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: version });
  const session = new Promise<Buffer>((resolve) => socket.once('session', resolve));
  const one = device(socket);
  one.send(hello(), ping());
  await one.next();
  const taken = await session;
  socket.destroy();
  return taken;
}

async function resumes(port: number, session: Buffer, version: Version): Promise<boolean> {
  const one = await online(port, { session, maxVersion: version });
  const reused = (one.socket as TLSSocket).isSessionReused();
  one.socket.destroy();
  return reused;
}

// ── Behind a proxy ──────────────────────────────────────────────────────────────────────────

function proxyHeader(lastByte: number): Buffer {
  return Buffer.concat([
    Buffer.from('0d0a0d0a000d0a515549540a2111000cc00002', 'hex'),
    Buffer.from([lastByte, 10, 0, 0, 1, 0xd4, 0x31, 0x1f, 0x90]),
  ]);
}

function rawTo(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => {});
  return socket;
}

t.test('behind a proxy the client has the address that the proxy names', async (t) => {
  const rig = await rigFor(t, { connectionsPerAddress: 1 });
  const plain = dial(rig.ports.proxied);
  plain.send(proxyHeader(1), hello(), ping(1));
  t.match(await plain.next(), { clientTimeMs: 1 });

  const raw = rawTo(rig.ports.proxiedTls);
  for (const byte of proxyHeader(2)) {
    raw.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  const encrypted = await online(0, { socket: raw });
  t.strictSame(
    rig
      .connections()
      .map((conn) => conn.address)
      .sort(),
    ['192.0.2.1', '192.0.2.2'],
  );

  const second = dial(rig.ports.proxied);
  second.send(proxyHeader(2));
  t.equal(await second.closed(), CloseCode.ADDRESS_LIMIT, 'and is counted by it');
  encrypted.socket.destroy();
  await until(() => rig.link.count() === 1, 'one left');
  const third = dial(rig.ports.proxied);
  third.send(proxyHeader(2), hello(), ping(2));
  t.match(await third.next(), { clientTimeMs: 2 });
});

t.test('a ClientHello in one packet with the PROXY header is not lost', async (t) => {
  const rig = await rigFor(t);
  // A relay that puts the header before the first bytes of the client, in one write.
  const relay = rawTo(rig.ports.proxiedTls);
  const { server, port } = await relayTo(relay, proxyHeader(3));
  t.teardown(() => server.close());
  const one = await online(port);
  t.equal(rig.connections()[0]?.address, '192.0.2.3');
  t.ok((one.socket as TLSSocket).encrypted);
  one.socket.destroy();
  await until(() => rig.link.count() === 0, 'gone');
});

async function relayTo(target: Socket, header: Buffer): Promise<{ server: Server; port: number }> {
  const server = createServer((client) => {
    client.once('data', (first: Buffer) => {
      target.write(Buffer.concat([header, first]));
      client.pipe(target).pipe(client);
    });
    client.on('error', () => {});
    client.on('close', () => target.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

t.test('without its PROXY header a connection is refused, at once or at the deadline', async (t) => {
  const rig = await rigFor(t, { tlsHandshakeTimeoutMs: 200 });
  const direct = dial(rig.ports.proxied);
  direct.send(hello());
  t.equal(await direct.closed(), 0, 'cut without a word: who speaks no PROXY header is no device of ours');
  const secure = dialTls(rig.ports.proxiedTls);
  t.equal(await secure.closed(), 0);
  t.equal(rig.counted.filter((line) => line === 'refused PROXY_HEADER').length, 2);
  const startMs = performance.now();
  const half = dial(rig.ports.proxied);
  half.send(proxyHeader(1).subarray(0, 20));
  t.equal(await half.closed(), 0);
  t.ok(performance.now() - startMs >= 190);
  await until(() => rig.link.count() === 0, 'all released');
  t.strictSame(rig.told, []);
});
