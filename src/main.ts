#!/usr/bin/env node
/** The command line: finds the command and runs it. */
import { CommandError } from './cli/command-error.js';
import { ConfigError } from './config.js';
import { ExitCode, StartError } from './processes/start-error.js';

/** A command; its module is loaded only when it is called for. */
export interface Command {
  readonly summary: string;
  readonly load: () => Promise<{
    /** Runs with the arguments after the command's name. @returns the exit code. */
    readonly run: (args: readonly string[]) => Promise<number>;
  }>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: { summary: 'run the server', load: () => import('./cli/serve.js') },
  device: {
    summary: 'be a device: print what arrives and acknowledge it',
    load: () => import('./cli/device.js'),
  },
  demo: {
    summary: 'show a server and two devices at work, and clean up',
    load: () => import('./cli/demo.js'),
  },
  send: { summary: 'send data to a user, a device or everybody', load: () => import('./cli/send.js') },
  config: {
    summary: 'sync configurations and instances; check and show the server configuration',
    load: () => import('./cli/config.js'),
  },
  keys: { summary: 'signature keys of instances, and the admin token', load: () => import('./cli/keys.js') },
  'access-keys': {
    summary: 'keys of the signed APIs (docs/openapi/)',
    load: () => import('./cli/access-keys.js'),
  },
  callback: {
    summary: 'receipts of pushes: address, switches, test',
    load: () => import('./cli/callback.js'),
  },
  broadcast: {
    summary: 'pushes to everybody: progress, pause, resume, revoke',
    load: () => import('./cli/broadcast.js'),
  },
  pushes: {
    summary: 'pushes of 30 days, by target or message id',
    load: () => import('./cli/pushes.js'),
  },
  timeline: { summary: 'what happened to a message', load: () => import('./cli/timeline.js') },
  nodes: { summary: 'the nodes that share a Redis', load: () => import('./cli/nodes.js') },
  drain: { summary: 'send the devices of a node to the others', load: () => import('./cli/drain.js') },
  clock: {
    summary: 'accept a large step of the system clock',
    load: () => import('./cli/clock.js'),
  },
  backup: { summary: 'copy the store while the server runs', load: () => import('./cli/backup.js') },
  restore: { summary: 'make a data directory from a copy', load: () => import('./cli/restore.js') },
  migrate: { summary: 'move a stopped embedded store to Redis', load: () => import('./cli/migrate.js') },
  store: { summary: 'hold the store against its own rules', load: () => import('./cli/store.js') },
  version: { summary: 'print the version', load: () => import('./cli/version.js') },
};

function usage(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'Usage: longlink COMMAND [options]',
    '',
    ...lines,
    '',
    '`longlink COMMAND --help` says more of one.',
  ].join('\n');
}

async function main(args: readonly string[]): Promise<number> {
  const [name = '', ...rest] = args;
  if (name === '' || name === 'help' || name === '--help' || name === '-h') {
    console.log(usage());
    return name === '' ? ExitCode.USAGE : ExitCode.OK;
  }
  const command = COMMANDS[name === '--version' ? 'version' : name];
  if (command === undefined) {
    console.error(`longlink: no command ${JSON.stringify(name)}\n\n${usage()}`);
    return ExitCode.USAGE;
  }
  try {
    const { run } = await command.load();
    return await run(rest);
  } catch (error) {
    return explain(error);
  }
}

/** What the operator did or has to put right is told in words; only a fault shows its stack. */
function explain(error: unknown): number {
  if (error instanceof ConfigError) {
    console.error(`longlink: ${error.message}`);
    return ExitCode.USAGE;
  }
  if (error instanceof StartError || error instanceof CommandError) {
    console.error(`longlink: ${error.message}`);
    return error.exitCode;
  }
  if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
    console.error(`longlink: ${error.message}`);
    return ExitCode.USAGE;
  }
  console.error(error);
  return ExitCode.FAULT;
}

// What is still open must not keep a command that has ended from ending.
process.exit(await main(process.argv.slice(2)));
