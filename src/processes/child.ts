/** What the supervisor forks: waits for its orders, then is control or a link worker. */
import type { FromChild, StartMessage, ToChild } from './messages.js';
import { createProcessTools, exitOnFault } from './process-tools.js';
import { runControl, runWorker } from './roles.js';
import { asStartError, ExitCode } from './start-error.js';

interface Role {
  stop(overMs: number): Promise<void>;
  setTicketKeys(ticketKeys: string): void;
  reloadCertificates(): Promise<void>;
}

const isWorker = process.argv[2] === 'worker';
let role: Promise<Role> | null = null;
let stopping = false;
let drainOverMs = 0;

function tell(message: FromChild): void {
  process.send?.(message);
}

async function start({ config, worker, ticketKeys, takesOver }: StartMessage): Promise<Role> {
  drainOverMs = config.drain.overMs;
  const name = isWorker ? `worker-${worker}` : 'control';
  process.title = `longlink ${name}`;
  const tools = createProcessTools(config, isWorker ? 'worker' : 'control', name);
  exitOnFault(tools.log);
  if (isWorker) {
    const running = await runWorker(tools, worker, ticketKeys);
    tell({ type: 'ready', addresses: running.addresses });
    return running;
  }
  const running = await runControl(tools, { takesOver });
  tell({ type: 'ready', addresses: running.addresses });
  return { stop: running.stop, setTicketKeys() {}, reloadCertificates: () => Promise.resolve() };
}

function fail(error: unknown): void {
  const { message, exitCode } = asStartError(error);
  process.send?.({ type: 'failed', message, exitCode } satisfies FromChild, () => process.exit(exitCode));
}

async function stop(overMs: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  const running = await role;
  await running?.stop(overMs);
  process.exit(ExitCode.OK);
}

process.on('message', (message: ToChild) => {
  switch (message.type) {
    case 'start':
      role = start(message);
      role.catch(fail);
      break;
    case 'ticketKeys':
      void role?.then((running) => running.setTicketKeys(message.ticketKeys));
      break;
    case 'reloadCertificates':
      void role?.then((running) => running.reloadCertificates());
      break;
    case 'stop':
      void stop(message.overMs);
  }
});

// A worker may be restarted by itself. Control ends when the supervisor says so: a signal to the whole
// process group must not take it away before the workers' last acknowledgements are written.
process.on('SIGTERM', () => {
  if (isWorker) void stop(drainOverMs);
});
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
// Without a supervisor nobody would ever end or replace this process.
process.on('disconnect', () => {
  if (!stopping) process.exit(ExitCode.FAULT);
});

tell({ type: 'hello' });
