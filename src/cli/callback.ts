/** `longlink callback` */
import { parseArgs } from 'node:util';
import { ADMIN_HELP, ADMIN_OPTIONS, createAdminClient, type Json } from './admin-client.js';
import { CommandError, usageError } from './command-error.js';
import { print, printJson, table, time } from './output.js';

const HELP = `Usage: longlink callback PART [options]

Receipts tell the tenant's server what became of each push (docs/push.md).

  show               address, switches and public key (the default)
  set URL            post receipts to URL; "" for nowhere
  on | off           send receipts, or not; off drops those that wait
  allow [ORIGIN…]    origins that may be called although they are not public https, such as
                     http://10.0.0.5:8080; none for public https only
  key                sign with a new key from now on
  test               post a made-up receipt, once; exit code 1 when it is not taken
  dead               receipts that were given up
  push-api on | off  take pushes over the signed API, or refuse them with 3032

${ADMIN_HELP}`;

type Values = ReturnType<typeof parse>['values'];

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: ADMIN_OPTIONS, allowPositionals: true });
}

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help) return print(HELP);
  const [part = 'show', ...rest] = positionals;
  switch (part) {
    case 'show':
      return show(values, await call(values, 'GET', ''));
    case 'set':
      if (rest[0] === undefined) throw usageError('URL is missing');
      return change(values, { url: rest[0] });
    case 'on':
    case 'off':
      return change(values, { on: part === 'on' });
    case 'allow':
      return change(values, { allow: rest });
    case 'key':
      return show(values, await call(values, 'POST', '/key'));
    case 'test':
      return test(values);
    case 'dead':
      return dead(values);
    case 'push-api':
      return change(values, { pushApi: readSwitch(rest[0]) });
    default:
      throw usageError(`no such part: ${part}\n\n${HELP}`);
  }
}

async function call(values: Values, method: string, path: string, body?: object): Promise<Json> {
  const client = createAdminClient(values);
  return client.call(method, await client.instancePath(`/push-callback${path}`), body);
}

async function change(values: Values, fields: object): Promise<number> {
  return show(values, await call(values, 'PATCH', '', fields));
}

function readSwitch(text: string | undefined): boolean {
  if (text !== 'on' && text !== 'off') throw usageError('push-api: say on or off');
  return text === 'on';
}

function show(values: Values, callback: Json): number {
  if (values.json) return printJson(callback);
  const { instance, url, on, allow, pushApi, publicKey } = callback;
  return print(
    [
      `${instance}: receipts ${on === true ? 'on' : 'off'}, push API ${pushApi === true ? 'on' : 'off'}`,
      `address: ${url === '' ? 'none' : url}`,
      `allowed beside public https: ${(allow as readonly string[]).join(' ') || 'nothing'}`,
      ...(publicKey === '' ? [] : [String(publicKey).trim()]),
    ].join('\n'),
  );
}

async function test(values: Values): Promise<number> {
  const result = await call(values, 'POST', '/test');
  if (result.ok !== true) throw new CommandError(`${result.url} did not take it: ${result.error}`);
  if (values.json) return printJson(result);
  return print(`${result.url} took it after ${result.tookMs} ms:\n${result.body}`);
}

async function dead(values: Values): Promise<number> {
  const { receipts } = (await call(values, 'GET', '/dead')) as { readonly receipts: readonly Json[] };
  if (values.json) return printJson(receipts);
  const rows = receipts.map((one) => [
    time(one.deadMs),
    String(one.msgId),
    String(one.targetId),
    String(one.status),
    String(one.attempts),
    String(one.reason),
  ]);
  return print(table(['GIVEN UP', 'MESSAGE', 'TARGET', 'STATUS', 'CALLS', 'REASON'], rows));
}
