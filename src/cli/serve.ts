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
      --role ROLE      all, link (devices only) or api (business ports only)
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
      role: { type: 'string' },
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
  if (values.role !== undefined) flags.push(['role', values.role]);
  if (values['log-level'] !== undefined) flags.push(['log.level', values['log-level']]);
  const config = configFrom(values, flags);
  const signals = listenToSignals();
  const server = await startServer(config);
  if (config.log.format !== 'json') console.log(banner(config, server));
  return signals.end(server);
}

/**
 * From the start on: the first signal to end waits for a server that is still starting, and the second
 * ends this process at once.
 */
function listenToSignals() {
  let running: Server | null = null;
  let asked = false;
  let end = (): void => {};

  const stop = (): void => {
    if (asked) {
      running?.kill();
      process.exit(ExitCode.FAULT);
    }
    asked = true;
    end();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', () => {
    // A closed terminal sends it too.
    if (process.stdin.isTTY) stop();
    else running?.reloadCertificates();
  });

  return {
    /** Resolves to the exit code when the server has ended in order. */
    end: (server: Server): Promise<ExitCode> =>
      new Promise((resolve, reject) => {
        running = server;
        end = () => {
          server.stop().then(resolve, reject);
        };
        if (asked) end();
      }),
  };
}

function banner(config: Config, { addresses, made }: Server): string {
  const what = new Map([
    ['api', 'business API'],
    ['openapi', 'signed API'],
    ['openapi', 'signed OpenAPI'],
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
