/** The steps of the Dockerfile, run one after the other without a container: copies, commands, the start. */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { call, until } from '../faults/cluster.js';
import { freePort } from '../free-port.js';
import { ROOT, repositoryFiles } from '../tidy/sources.js';

t.setTimeout(400_000);

/** The lines of each stage. */
function stages(): string[][] {
  const lines = readFileSync(join(ROOT, 'config/docker/Dockerfile'), 'utf8').split('\n');
  const found: string[][] = [];
  for (const line of lines) {
    if (line.startsWith('FROM ')) found.push([]);
    else if (line !== '' && !line.startsWith('#')) found.at(-1)?.push(line);
  }
  return found;
}

/** A COPY of the repository's own files, or of a stage's. */
function copy(rest: string, from: string, to: string): void {
  const words = rest.split(' ').filter((word) => !word.startsWith('--'));
  const target = words.at(-1) ?? '';
  for (const source of words.slice(0, -1)) {
    const names = source === '.' ? repositoryFiles() : [source.replace(/^\/app\//, '')];
    for (const name of names) {
      const place = target.endsWith('/') ? join(to, name) : join(to, target);
      const path = source === '.' ? join(to, name) : place;
      mkdirSync(dirname(path), { recursive: true });
      cpSync(join(from, name), path, { recursive: true });
    }
  }
}

/** Commands for the file system of the image itself are not for this machine. */
const IMAGE_ONLY = /^mkdir \/data/;

function perform(lines: readonly string[], from: string, to: string): Record<string, string> {
  const env: Record<string, string> = {};
  mkdirSync(to, { recursive: true });
  for (const line of lines) {
    const [name, rest] = [line.split(' ')[0], line.slice(line.indexOf(' ') + 1)];
    if (name === 'COPY') copy(rest, from, to);
    else if (name === 'RUN' && !IMAGE_ONLY.test(rest))
      execFileSync('sh', ['-c', rest], { cwd: to, stdio: 'pipe' });
    else if (name === 'ENV') {
      const [key = '', ...value] = rest.split('=');
      env[key] = value.join('=').replace(/^'(.*)'$/, '$1');
    }
  }
  return env;
}

t.test('what the Dockerfile builds starts, is ready, and ends in order at its stop signal', async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'longlink-container-'));
  t.teardown(() => rmSync(scratch, { recursive: true, force: true }));
  const [build = [], image = []] = stages();
  perform(build, ROOT, join(scratch, 'build'));
  const app = join(scratch, 'image');
  const env = perform(image, join(scratch, 'build'), app);
  t.notOk(repositoryFiles().length === 0);

  const words = image.find((line) => line.startsWith('ENTRYPOINT'))?.slice('ENTRYPOINT '.length) ?? '[]';
  const command = image.find((line) => line.startsWith('CMD'))?.slice('CMD '.length) ?? '[]';
  const args = [...(JSON.parse(words) as string[]), ...(JSON.parse(command) as string[])];
  const admin = await freePort();
  const child = spawn(process.execPath, [...args.slice(1).map((word) => word.replace('/app/', `${app}/`))], {
    cwd: app,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...{ PATH: process.env.PATH, ...env },
      // Only what another server of this machine may hold.
      LONGLINK_DATA_DIR: join(scratch, 'data'),
      LONGLINK_LISTENERS: (env.LONGLINK_LISTENERS ?? '').replace('8443', '0').replace('0.0.0.0', '127.0.0.1'),
      LONGLINK_API_PORT: '0',
      LONGLINK_API_HOST: '127.0.0.1',
      LONGLINK_ADMIN_PORT: String(admin),
    },
  });
  child.stdout.resume();
  t.teardown(() => child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  await until('ready', 30_000, async () => {
    const options = { port: admin, method: 'GET', path: '/readyz', timeoutMs: 1_000 };
    return (await call(options).catch(() => null))?.status === 200;
  });
  const signal = image.find((line) => line.startsWith('STOPSIGNAL'))?.split(' ')[1];
  child.kill(signal as NodeJS.Signals);
  t.equal(await ended, 0);
});
