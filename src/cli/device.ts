/** `longlink device`: a device in a terminal, for trying things and for scripts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { endpointOf, type MPSyncConfig } from '../client/config.js';
import {
  createFileStorage,
  createMemoryStorage,
  type Device,
  type DeviceOptions,
  type Endpoint,
  type LinkState,
  openDevice,
  parseAddress,
  readConfigFile,
  type SyncCommand,
  type SyncMessage,
} from '../client/index.js';
import { ExitCode, StartError } from '../processes/start-error.js';

const DEMO_BIZ = ['DEMO-USER', 'DEMO-DEVICE', 'DEMO-GLOBAL'];

const HELP = `Usage: longlink device [options]

Connects as a device, prints what arrives and acknowledges it.

      --server HOST:PORT    device listener (default 127.0.0.1:8443)
      --tls                 by TLS; implied by --ca, --insecure and a tls:// before the host
      --ca FILE             PEM certificate to trust in place of the system's
      --insecure            accept any certificate
      --config FILE         a vendor configuration file (appId, workspaceId, syncserver, syncport)
      --instance WS_APP     workspace and app (default default_demo)
      --device ID           device id (default: the one in --data, else a new one)
      --user ID             bind this user
      --session ID          session id of the user (default SESSION_DEMO)
      --biz NAME            bizType to receive; may be repeated (default ${DEMO_BIZ.join(', ')})
      --os NAME             android, ios or harmony
      --app-version V       for example 1.2.3
      --data DIR            keep the device's database there (default: in memory)
      --count N             exit with 0 after N messages
      --no-report           do not acknowledge: the server will try again
      --json                one JSON object a line, for scripts
      --commands            take commands from standard input although it is no terminal

Commands in a terminal: fg, bg, bind USER, unbind, quit. Exit codes: 0 ended as asked, 1 sent away by
the server, 2 unusable options.`;

const OPTIONS = {
  server: { type: 'string' },
  tls: { type: 'boolean' },
  ca: { type: 'string' },
  insecure: { type: 'boolean' },
  config: { type: 'string' },
  instance: { type: 'string' },
  device: { type: 'string' },
  user: { type: 'string' },
  session: { type: 'string' },
  biz: { type: 'string', multiple: true },
  os: { type: 'string' },
  'app-version': { type: 'string' },
  data: { type: 'string' },
  count: { type: 'string' },
  'no-report': { type: 'boolean' },
  json: { type: 'boolean' },
  commands: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = ReturnType<typeof parse>;
type Target = Pick<DeviceOptions, 'endpoint' | 'workspaceId' | 'appId'>;

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS }).values;
}

/** Resolves when the device has left. */
export async function run(args: readonly string[]): Promise<number> {
  const values = parse(args);
  if (values.help) {
    console.log(HELP);
    return ExitCode.OK;
  }
  const target = targetOf(values);
  const count = countOf(values.count);
  return await live(values, target, count);
}

async function live(values: Values, target: Target, count: number): Promise<number> {
  const say = values.json ? sayJson : sayText;
  const sessionId = values.session ?? 'SESSION_DEMO';
  let left = count;
  let finish: (code: number) => void = () => undefined;
  const finished = new Promise<number>((resolve) => {
    finish = resolve;
  });
  const device = await openDevice({
    ...target,
    ...(values.device === undefined ? {} : { deviceId: values.device }),
    ...(values.os === undefined ? {} : { os: values.os }),
    ...(values['app-version'] === undefined ? {} : { appVersion: values['app-version'] }),
    model: 'longlink device',
    storage:
      values.data === undefined
        ? createMemoryStorage()
        : createFileStorage(join(values.data, `${target.workspaceId}_${target.appId}.db`)),
    handlers: {
      message(message) {
        if (left === 0) return;
        say('message', describe(message));
        if (!values['no-report']) device.report(message);
        left -= 1;
        if (left === 0) finish(ExitCode.OK);
      },
      command: (command: SyncCommand) => say('command', { ...command }),
      state(state: LinkState, detail: string) {
        say(state, { detail });
        // Sent away for good, and not by our own wish.
        if (state === 'idle' && detail !== '') finish(ExitCode.FAULT);
      },
      error: (error) => say('error', { detail: error.message }),
    },
  });
  say('device', { deviceId: device.deviceId });
  for (const biz of values.biz ?? DEMO_BIZ) device.register(biz);
  if (values.user !== undefined) device.setUser(values.user, sessionId);
  const stop = (): void => finish(ExitCode.OK);
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const prompt = process.stdin.isTTY || values.commands ? takeCommands(device, sessionId, stop) : null;
  device.connect();
  const code = await finished;
  prompt?.close();
  await device.close();
  return code;
}

function takeCommands(device: Device, sessionId: string, quit: () => void) {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const [command = '', user = ''] = line.trim().split(/\s+/);
    switch (command) {
      case 'fg':
        device.setForeground(true);
        device.connect();
        return;
      case 'bg':
        device.setForeground(false);
        device.disconnect();
        return;
      case 'bind':
        if (user === '') console.error('bind whom?');
        else device.setUser(user, sessionId);
        return;
      case 'unbind':
        device.setUser('', '');
        return;
      case 'quit':
        quit();
        return;
      case '':
        return;
      default:
        console.error('commands: fg, bg, bind USER, unbind, quit');
    }
  });
  return lines;
}

function targetOf(values: Values): Target {
  const fromFile = values.config === undefined ? null : readConfig(values.config);
  const instance = values.instance ?? 'default_demo';
  const at = instance.indexOf('_');
  const names =
    fromFile !== null && values.instance === undefined
      ? fromFile
      : { workspaceId: instance.slice(0, at), appId: instance.slice(at + 1) };
  if (names.workspaceId === '' || names.appId === '' || (fromFile === null && at < 1)) {
    throw new StartError('--instance is WORKSPACE_APP, for example default_demo', ExitCode.USAGE);
  }
  const { workspaceId, appId } = names;
  return { workspaceId, appId, endpoint: endpointFor(values, fromFile) };
}

function readConfig(file: string): MPSyncConfig {
  try {
    return readConfigFile(file);
  } catch (error) {
    throw new StartError(`${file}: ${(error as Error).message}`, ExitCode.USAGE);
  }
}

function endpointFor(values: Values, fromFile: MPSyncConfig | null): Endpoint {
  if (fromFile !== null && values.server === undefined) return endpointOf({ ...fromFile, ...tlsOf(values) });
  const server = values.server ?? '127.0.0.1:8443';
  const address = parseAddress(server);
  if (address === null) throw new StartError('--server is HOST:PORT', ExitCode.USAGE);
  const secure =
    values.tls ||
    values.insecure ||
    values.ca !== undefined ||
    values.server === undefined ||
    server.startsWith('tls:');
  return { ...address, tls: secure ? tlsOf(values) : null };
}

function tlsOf(values: Values): { readonly ca?: string; readonly insecure?: boolean } {
  if (values.insecure) return { insecure: true };
  return values.ca === undefined ? {} : { ca: readCertificate(values.ca) };
}

function readCertificate(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartError(`--ca: ${(error as Error).message}`, ExitCode.USAGE);
  }
}

/** @returns how many messages to wait for, or -1 for no end. */
function countOf(text: string | undefined): number {
  if (text === undefined) return -1;
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new StartError('--count is a whole number above 0', ExitCode.USAGE);
}

function describe(message: SyncMessage): Record<string, unknown> {
  const { biz, userId, oplogId, thirdMsgId, acceptedMs, transient } = message;
  const [item] = JSON.parse(message.msgData) as unknown[];
  return { biz, userId, oplogId: String(oplogId), thirdMsgId, acceptedMs, transient, ...(item as object) };
}

function sayJson(event: string, fields: Record<string, unknown>): void {
  console.log(JSON.stringify({ event, atMs: Date.now(), ...fields }));
}

function sayText(event: string, fields: Record<string, unknown>): void {
  const time = new Date().toISOString().slice(11, 23);
  if (event !== 'message') {
    const text = Object.values(fields)
      .filter((value) => value !== '')
      .join(' ');
    console.log(`${time} ${event} ${text}`.trimEnd());
    return;
  }
  const { biz, userId, thirdMsgId, oplogId, pl, isB } = fields;
  const whom = userId === '' ? '' : ` for ${String(userId)}`;
  const what = isB === true ? `base64 ${String(pl)}` : JSON.stringify(pl);
  console.log(`${time} ${String(biz)}${whom}: ${what} (${String(thirdMsgId)}, oplog ${String(oplogId)})`);
}
