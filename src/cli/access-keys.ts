/** `longlink access-keys` */
import { parseArgs } from 'node:util';
import { ADMIN_HELP, ADMIN_OPTIONS, createAdminClient, type Json } from './admin-client.js';
import { usageError } from './command-error.js';
import { print, printJson, table, time } from './output.js';
import { required } from './values.js';

const HELP = `Usage: longlink access-keys PART [options]

  list            the keys of the signed APIs, and when each was last used (the default)
  create TENANT   make a key; a tenant has at most two active ones
  rotate ID       make a second key like this one, which stays active until it is disabled
  disable ID      refuse the key from now on
  enable ID       take it again
  scope ID        change what it may be used for, to --instances and --app-keys
  remove ID       forget a disabled key
  app-key         the AppKey by which Mobile Push names an instance; made when it has none

A new key's secret is printed once and kept nowhere in the clear.

Options of create and scope:
      --instances LIST   instances, comma between, or * for all
                         (create: the one of --instance, or the only one)
      --app-keys LIST    AppKeys of Mobile Push, or * for all (create: that of the instance)
      --note TEXT        what the key is for

${ADMIN_HELP}`;

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      ...ADMIN_OPTIONS,
      instances: { type: 'string' },
      'app-keys': { type: 'string' },
      note: { type: 'string' },
    },
    allowPositionals: true,
  });
}

type Values = ReturnType<typeof parse>['values'];

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help) return print(HELP);
  const [part = 'list', name] = positionals;
  switch (part) {
    case 'list':
      return list(values, name);
    case 'create':
      return create(values, required(name, 'TENANT'));
    case 'rotate':
      return showNew(values, await call(values, 'POST', `${keyPath(name)}/rotate`));
    case 'enable':
    case 'disable':
      return show(values, await call(values, 'PATCH', keyPath(name), { active: part === 'enable' }));
    case 'scope':
      return show(values, await call(values, 'PATCH', keyPath(name), { scope: scopeOf(values) }));
    case 'remove':
      await call(values, 'DELETE', keyPath(name));
      return print(`${name} is removed`);
    case 'app-key':
      return showAppKey(values);
    default:
      throw usageError(`no such part: ${part}\n\n${HELP}`);
  }
}

function call(values: Values, method: string, path: string, body?: unknown): Promise<Json> {
  return createAdminClient(values).call(method, path, body);
}

function keyPath(id: string | undefined): string {
  return `/v1/access-keys/${encodeURIComponent(required(id, 'ID'))}`;
}

async function list(values: Values, tenant: string | undefined): Promise<number> {
  const query = tenant === undefined ? '' : `?tenant=${encodeURIComponent(tenant)}`;
  const { keys } = await call(values, 'GET', `/v1/access-keys${query}`);
  if (values.json) return printJson(keys);
  return print(table(HEADING, (keys as readonly Json[]).map(row)));
}

const HEADING = ['ID', 'TENANT', 'STATE', 'LAST USED', 'INSTANCES', 'APP KEYS', 'NOTE'];

function row(key: Json): string[] {
  const { instances, appKeys } = key.scope as Readonly<Record<string, readonly string[]>>;
  const used = key.lastUsedMs === 0 ? 'never' : time(key.lastUsedMs);
  const state = key.active === true ? 'active' : 'disabled';
  const scope = [(instances ?? []).join(','), (appKeys ?? []).join(',')];
  return [String(key.id), String(key.tenant), state, used, ...scope, String(key.note)];
}

async function create(values: Values, tenant: string): Promise<number> {
  const client = createAdminClient(values);
  const { appKey, instance } =
    values.instances !== undefined && values['app-keys'] !== undefined
      ? { appKey: '', instance: '' }
      : await client.call('PUT', await client.instancePath('/app-key'));
  const scope = {
    instances: words(values.instances ?? String(instance)),
    appKeys: words(values['app-keys'] ?? String(appKey)),
  };
  const body = { tenant, scope, ...(values.note === undefined ? {} : { note: values.note }) };
  return showNew(values, await client.call('POST', '/v1/access-keys', body));
}

function scopeOf(values: Values): Json {
  return {
    instances: words(required(values.instances, '--instances')),
    appKeys: words(values['app-keys'] ?? ''),
  };
}

function words(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function show(values: Values, key: Json): number {
  return values.json ? printJson(key) : print(table(HEADING, [row(key)]));
}

function showNew(values: Values, made: Json): number {
  if (values.json) return printJson(made);
  const key = made.key as Json;
  return print(
    `AccessKey ID      ${key.id}\nAccessKey secret  ${made.secret}   (shown this once)\n\n${table(HEADING, [row(key)])}`,
  );
}

async function showAppKey(values: Values): Promise<number> {
  const client = createAdminClient(values);
  const answer = await client.call('PUT', await client.instancePath('/app-key'));
  return values.json ? printJson(answer) : print(`${answer.instance}: AppKey ${answer.appKey}`);
}
