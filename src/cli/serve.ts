/** `longlink serve` */
import { parseArgs } from 'node:util';
import type { Config } from '../config.js';
import { dataFiles } from '../processes/data-dir.js';
import type { Address } from '../processes/messages.js';
import { ExitCode } from '../processes/start-error.js';
import { type Server, startServer } from '../serve.js';
import { CONFIG_HELP, CONFIG_OPTIONS, configFrom } from './config-options.js';

const HELP = `Usage: longlink serve [options]

Runs the server until SIGTERM or SIGINT; a second one ends it at once. SIGHUP reads the TLS
certificate again.

${CONFIG_HELP}
      --workers N      link worker processes; 0 runs everything in one process
      --log-level L    trace, debug, info, warn, error or fatal

Exit codes: 0 ended in order, 1 a fault, 2 unusable options or configuration, 3 a port cannot be
listened on, 4 the data directory cannot be used or is in use.`;

/** Resolves when the server has ended. */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...CONFIG_OPTIONS,
      workers: { type: 'string' },
      'log-level': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return ExitCode.OK;
  }
  const flags: [string, string][] = [];
  if (values.workers !== undefined) flags.push(['workers', values.workers]);
  if (values['log-level'] !== undefined) flags.push(['log.level', values['log-level']]);
  const config = configFrom(values, flags);
  const server = await startServer(config);
  if (config.log.format !== 'json') console.log(banner(config, server));
  const code = await ended(server);
  // Whatever is left open in this process must not keep it from ending.
  process.exit(code);
}

/** Stops at the first signal, and at once at the second. */
function ended(server: Server): Promise<ExitCode> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const stop = (): void => {
      if (stopping) {
        server.kill();
        resolve(ExitCode.FAULT);
        return;
      }
      stopping = true;
      server.stop().then(resolve, reject);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    process.on('SIGHUP', () => {
      // A closed terminal sends it too.
      if (process.stdin.isTTY) stop();
      else server.reloadCertificates();
    });
  });
}

function banner(config: Config, { addresses, made }: Server): string {
  const what = new Map([
    ['api', 'business API'],
    ['admin', 'admin port'],
  ]);
  const lines = addresses.map((address) => {
    const { name, protocol } = address;
    return `  ${(what.get(name) ?? `devices, ${name}`).padEnd(16)} ${protocol}://${placeOf(address)}`;
  });
  return [
    ...made.map((line) => `Made ${line}`),
    'Longlink is up:',
    ...lines,
    `  ${'data'.padEnd(16)} ${config.dataDir}`,
    ...nextSteps(config, addresses),
  ].join('\n');
}

function placeOf({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function nextSteps(config: Config, addresses: readonly Address[]): string[] {
  const api = addresses.find(({ name }) => name === 'api');
  const device = addresses.find(({ protocol }) => protocol === 'tcp' || protocol === 'tls');
  if (!config.demoInstance || api === undefined || device === undefined) return [];
  const body = JSON.stringify({ bizType: 'DEMO-USER', linkToken: 'ann', thirdMsgId: '1', payload: 'hello' });
  const tls = device.protocol === 'tls' ? ` --tls --ca ${dataFiles(config).certFile}` : '';
  return [
    '',
    'Try: a device of user ann in another terminal, then data for her:',
    `  npx longlink device --server ${placeOf(device)}${tls} --user ann`,
    `  curl -H 'content-type: application/json' -d '${body}' \\`,
    `    'http://${placeOf(api)}/webapi/sync/single?instanceId=default_demo'`,
  ];
}
