/** The throw-away server of the demo: this same build, in a directory of its own, on free ports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface DemoServer {
  readonly devicePort: number;
  /** PEM of the certificate made on its first run. */
  readonly certificate: string;
  /** Calls the business API. @returns the result code. */
  send(body: object): Promise<string>;
  /** Reads from the admin port. */
  admin(path: string): Promise<unknown>;
}

const START_MS = 30_000;
const STOP_MS = 15_000;
const INSTANCE = 'default_demo';

/**
 * @param more further configuration keys.
 * @param onStarted Given what ends the server again, as soon as there is something to end.
 * @throws {Error} with the server's own words when it does not come up.
 */
export async function startDemoServer(
  dir: string,
  more: Readonly<Record<string, string>>,
  onStarted: (stop: () => Promise<void>) => void,
): Promise<DemoServer> {
  const dataDir = join(dir, 'server');
  const settings = {
    listeners: JSON.stringify([{ name: 'tls', host: '127.0.0.1', port: 0, tls: true }]),
    'api.port': '0',
    'admin.port': '0',
    'openapi.port': '0',
    demoInstance: 'true',
    // Every step of every message is logged, so that its timeline can be shown whole.
    'delivery.traceSampleRate': '1',
    'drain.overMs': '0',
    'log.level': 'warn',
    ...more,
  };
  const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  const child = spawn(process.execPath, [main, 'serve', '--data-dir', dataDir, '--workers', '1', ...set], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: dir,
  });
  onStarted(() => stop(child));
  const addresses = await readAddresses(child);
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  return {
    devicePort: Number(new URL(addresses.tls).port),
    certificate: readFileSync(join(dataDir, 'tls', 'cert.pem'), 'utf8'),
    send: (body) => post(addresses.api, body),
    admin: (path) => get(`${addresses.admin}/v1/instances/${INSTANCE}${path}`, token),
  };
}

interface Addresses {
  readonly tls: string;
  readonly api: string;
  readonly admin: string;
}

/** The server prints what listens where; with free ports that is the only place to learn it. */
function readAddresses(child: ChildProcess): Promise<Addresses> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    let isUp = false;
    const fail = (why: string): void => reject(new Error([why, ...said].join('\n')));
    const timer = setTimeout(() => fail('the server did not come up in time'), START_MS);
    const read = (line: string): void => {
      if (!isUp) said.push(line);
      // What it logs later, at warn or above, is the reader's to see.
      else if (line.startsWith('{')) console.error(`  server  ${line}`);
      const text = said.join('\n');
      const tls = /^ +devices, tls +(tls:\S+)$/m.exec(text)?.[1];
      const api = /^ +business API +(http:\S+)$/m.exec(text)?.[1];
      const admin = /^ +admin port +(http:\S+)$/m.exec(text)?.[1];
      if (tls === undefined || api === undefined || admin === undefined) return;
      clearTimeout(timer);
      isUp = true;
      resolve({ tls, api, admin });
    };
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', read);
    }
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      fail(`the server ended with ${signal ?? `code ${code}`}`);
    });
  });
}

async function post(api: string, body: object): Promise<string> {
  const response = await fetch(`${api}/webapi/sync/single?instanceId=${INSTANCE}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { msg } = (await response.json()) as { readonly msg: string };
  return msg;
}

async function get(url: string, token: string): Promise<unknown> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status} ${await response.text()}`);
  return response.json();
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
