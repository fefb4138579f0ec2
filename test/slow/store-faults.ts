/** Running the writer of store-writer.ts and judging what it leaves behind. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { auditStore, openEmbeddedStore } from '../../src/store/embedded/index.js';
import { appendOne, idOf, streamOf } from '../store/harness.js';

export type Acked = readonly [owner: string, thirdMsgId: string, id: number];

export interface Writer {
  readonly process: ChildProcess;
  /** What the writer was told to be durable, as far as it has reached us. */
  readonly acked: Acked[];
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** What it said on stderr. */
  complaints(): string;
}

const WRITER = fileURLToPath(new URL('./store-writer.js', import.meta.url));

/** Starts a writer, under another command when one is given, and waits for its first answers. */
export async function startWriter(
  directory: string,
  run: string,
  options: {
    readonly under?: readonly string[];
    readonly commitTimeoutMs?: number;
    readonly answers?: number;
  } = {},
): Promise<Writer> {
  const timeout = options.commitTimeoutMs === undefined ? [] : [String(options.commitTimeoutMs)];
  const command = [...(options.under ?? []), process.execPath, WRITER, directory, run, ...timeout];
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
  const acked: Acked[] = [];
  let rest = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) acked.push(JSON.parse(line) as Acked);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const writer = { process: child, acked, ended, complaints: () => complaints };
  while (acked.length < (options.answers ?? 1) && child.exitCode === null && child.signalCode === null)
    await new Promise((resolve) => setTimeout(resolve, 5));
  return writer;
}

/**
 * Opens what a writer left behind: everything acknowledged is there under its id and remembered, ids
 * go on upwards, and the counters are what a full count finds.
 */
export async function checkLeftBehind(test: Test, directory: string, acked: readonly Acked[]): Promise<void> {
  test.same(await auditStore(directory), [], 'the counters are what a full count finds');
  const store = await openEmbeddedStore({
    path: directory,
    isSingleReader: () => false,
    onCorrupt: (where) => test.fail(`corrupt: ${where}`),
    onFatal: (error) => test.fail(error.message),
  });
  const highest = new Map<string, number>();
  let lost = 0;
  let forgotten = 0;
  for (const [owner, thirdMsgId, id] of acked) {
    const found = await store.find(streamOf(owner), { id });
    if (found?.thirdMsgId !== thirdMsgId) lost++;
    const again = await appendOne(store, streamOf(owner), thirdMsgId, { acceptedMs: Date.now() });
    if (again.status !== 'duplicate' || again.id !== id) forgotten++;
    highest.set(owner, Math.max(highest.get(owner) ?? 0, id));
  }
  test.equal(lost, 0, `none of ${acked.length} acknowledged records is lost`);
  test.equal(forgotten, 0, 'no acknowledged thirdMsgId is forgotten');
  for (const [owner, id] of [...highest].slice(0, 20)) {
    const next = idOf(await appendOne(store, streamOf(owner), `after ${id}`, { acceptedMs: 1 }));
    if (next <= id) test.fail(`id ${next} after ${id}`);
  }
  await store.close();
}

/** Why a test cannot run here, or false: the missing tools, or that we are not root. */
export function missing(...tools: readonly string[]): string | false {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  const absent = tools.filter((tool) => spawnSync('which', [tool]).status !== 0);
  return absent.length > 0 ? `needs ${absent.join(', ')}` : false;
}

/** @throws {Error} with what it said, when a command fails. */
export function run(command: string, ...args: string[]): void {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${result.stderr}`);
}
