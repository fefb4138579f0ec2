/** Processes that the bench starts: pinned, asked over a channel, and never left running. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Reply } from './load/questions.js';

export interface Child {
  readonly pid: number;
  /** @throws what the child's handler threw, or when the child ended. */
  ask<T>(name: string, args?: unknown): Promise<T>;
  stop(): Promise<void>;
}

export interface ChildOptions {
  /** Module to run, relative to this one, such as `./load/fleet-process.js`. */
  readonly module: string;
  /** Cores to run on, or null for any. */
  readonly cores: readonly number[] | null;
  /** Beside the environment of the bench. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called for what the child says unasked. */
  onNews?(name: string, value: unknown): void;
}

/** The command that runs something on certain cores only. */
export function pinned(
  cores: readonly number[] | null,
  command: string,
  args: readonly string[],
): [string, string[]] {
  return cores === null ? [command, [...args]] : ['taskset', ['-c', cores.join(','), command, ...args]];
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

export function startChild(options: ChildOptions): Child {
  const file = fileURLToPath(new URL(options.module, import.meta.url));
  const [command, args] = pinned(options.cores, process.execPath, [file]);
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
    env: { ...process.env, ...options.env },
  });
  const waiting = new Map<number, Waiting>();
  let lastSeq = 0;
  child.on('message', (message) => {
    const { seq, name, value, error } = message as unknown as Reply;
    if (seq === 0) {
      options.onNews?.(name, value);
      return;
    }
    const asked = waiting.get(seq);
    waiting.delete(seq);
    if (error === undefined) asked?.resolve(value as never);
    else asked?.reject(new Error(`${options.module} ${name}: ${error}`));
  });
  const fail = (why: string): void => {
    for (const asked of waiting.values()) asked.reject(new Error(`${options.module} ${why}`));
    waiting.clear();
  };
  child.on('exit', (code, signal) => fail(`ended with ${signal ?? code}`));
  child.on('error', (error) => fail(error.message));
  return {
    pid: child.pid ?? 0,
    ask(name, args) {
      return new Promise((resolve, reject) => {
        if (!child.connected) {
          reject(new Error(`${options.module} is gone`));
          return;
        }
        lastSeq += 1;
        waiting.set(lastSeq, { resolve, reject });
        child.send({ seq: lastSeq, name, args });
      });
    },
    stop: () => endChild(child),
  };
}

const END_MS = 5_000;

/** Ends a child: in order when it lets itself be told, else by force. */
export async function endChild(
  child: ChildProcess,
  signal: NodeJS.Signals = 'SIGTERM',
  withinMs = END_MS,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
  await exited;
  clearTimeout(timer);
}
