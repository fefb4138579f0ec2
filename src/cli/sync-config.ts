/** The parts of `longlink config` that concern instances and sync configurations. */
import { parseArgs } from 'node:util';
import { ADMIN_HELP, ADMIN_OPTIONS, type AdminClient, createAdminClient, type Json } from './admin-client.js';
import { usageError } from './command-error.js';
import { print, printJson, table, time } from './output.js';
import { duration, required, wholeNumber, yesOrNo } from './values.js';

export const SYNC_PARTS = [
  ...['list', 'get', 'create', 'change', 'online', 'offline', 'delete'],
  ...['instances', 'create-instance', 'change-instance', 'delete-instance'],
];

export const SYNC_HELP = `Sync configurations (bizTypes) of an instance, through the admin port:
  list                     all of them
  get BIZTYPE              one, with every field
  create BIZTYPE           make one; it is online at once
  change BIZTYPE           change the fields given; scope, object, multi-device and persisted only
                           while it is offline
  online | offline BIZTYPE let data in and out, or stop both; stored data waits
  delete BIZTYPE           only while offline; ends what is stored for it

      --scope specified|global    for one target, or for everybody
      --object user|device        whom a target names
      --multi-device yes|no       each device of the user; no: the one that came online last, once
      --persisted yes|no          kept for who is away, or dropped
      --retention DURATION        at most and by default 30d
      --threshold N|all           who comes back gets only the newest N
      --user-consistency yes|no   only to sessions the validation endpoint called valid
      --deliver foreground|immediate   global data: at the next foreground or connect, or at once
      --signature inherit|on|off  RSA signature on /webapi for this bizType
      --description TEXT

Instances:
  instances                       all of them
  create-instance WORKSPACE APP   make WORKSPACE_APP
  change-instance KEY             change the fields given
  delete-instance KEY             only without configurations

      --validate-url URL          endpoint of the user-consistency check; '' for none
      --validate-operation NAME   its operation
      --validate-allow A,B        origins it may have although they are not public https`;

const OPTIONS = {
  ...ADMIN_OPTIONS,
  scope: { type: 'string' },
  object: { type: 'string' },
  'multi-device': { type: 'string' },
  persisted: { type: 'string' },
  retention: { type: 'string' },
  threshold: { type: 'string' },
  'user-consistency': { type: 'string' },
  deliver: { type: 'string' },
  signature: { type: 'string' },
  description: { type: 'string' },
  'validate-url': { type: 'string' },
  'validate-operation': { type: 'string' },
  'validate-allow': { type: 'string' },
} as const;

type Values = ReturnType<typeof parse>['values'];

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}

/** @param args the part and what follows it */
export async function runSyncConfig(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const [part = '', first, second, ...more] = positionals;
  if (values.help) return print(`${SYNC_HELP}\n\n${ADMIN_HELP}`);
  if (more.length > 0) throw usageError(`${more.join(' ')}: too many words`);
  const client = createAdminClient(values);
  if (part.includes('instance')) return runInstances(client, part, values, first, second);
  const answer = await runConfigs(client, part, values, first);
  if (part === 'list' && !values.json) return listConfigs(answer);
  if (part === 'delete' && !values.json) return print(`${first} is deleted`);
  return printJson(answer);
}

async function runConfigs(
  client: AdminClient,
  part: string,
  values: Values,
  name: string | undefined,
): Promise<Json> {
  const all = await client.instancePath('/configs');
  if (part === 'list') return client.call('GET', all);
  const biz = required(name, 'BIZTYPE');
  const one = `${all}/${encodeURIComponent(biz)}`;
  switch (part) {
    case 'create':
      return client.call('POST', all, { bizType: biz, ...configFields(values) });
    case 'change':
      return client.call('PATCH', one, configFields(values));
    case 'online':
    case 'offline':
      return client.call('POST', `${one}/${part}`);
    case 'delete':
      return client.call('DELETE', one);
    default:
      return client.call('GET', one);
  }
}

/** Only what was given; the server checks it. */
function configFields(values: Values): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const field of ['scope', 'object', 'deliver', 'signature', 'description'] as const) {
    if (values[field] !== undefined) fields[field] = values[field];
  }
  const flags = {
    'multi-device': 'multiDevice',
    persisted: 'persisted',
    'user-consistency': 'userConsistency',
  };
  for (const [option, field] of Object.entries(flags)) {
    const value = values[option as keyof typeof flags];
    if (value !== undefined) fields[field] = yesOrNo(value, option);
  }
  if (values.retention !== undefined) fields.retentionMs = duration(values.retention, 'retention');
  if (values.threshold !== undefined) {
    fields.threshold = values.threshold === 'all' ? null : wholeNumber(values.threshold, 'threshold');
  }
  return fields;
}

function listConfigs(answer: Json): number {
  const configs = answer.configs as readonly Json[];
  const rows = configs.map((config) => [
    String(config.bizType),
    config.online === true ? 'online' : 'offline',
    String(config.scope),
    config.multiDevice === false ? 'user, one device' : String(config.object),
    config.persisted === true ? `${Number(config.retentionMs) / 86_400_000} d` : 'not persisted',
    String(config.description),
  ]);
  return print(table(['BIZTYPE', 'STATE', 'SCOPE', 'OBJECT', 'KEPT', 'DESCRIPTION'], rows));
}

async function runInstances(
  client: AdminClient,
  part: string,
  values: Values,
  first: string | undefined,
  second: string | undefined,
): Promise<number> {
  const one = (): string => `/v1/instances/${encodeURIComponent(required(first, 'KEY'))}`;
  switch (part) {
    case 'create-instance': {
      const body = { workspaceId: required(first, 'WORKSPACE'), appId: required(second, 'APP') };
      return printJson(await client.call('POST', '/v1/instances', body));
    }
    case 'change-instance':
      return printJson(await client.call('PATCH', one(), instanceFields(values)));
    case 'delete-instance':
      await client.call('DELETE', one());
      return print(`${first} is deleted`);
    default:
      return listInstances(await client.call('GET', '/v1/instances'), values);
  }
}

function instanceFields(values: Values): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  if (values['validate-url'] !== undefined) fields.validateUrl = values['validate-url'];
  if (values['validate-operation'] !== undefined) fields.validateOperation = values['validate-operation'];
  const allow = values['validate-allow'];
  if (allow !== undefined) fields.validateAllow = allow.split(',').filter((origin) => origin !== '');
  return fields;
}

function listInstances(answer: Json, values: Values): number {
  if (values.json) return printJson(answer);
  const rows = (answer.instances as readonly Json[]).map((instance) => [
    String(instance.key),
    instance.signature === true ? 'demanded' : 'off',
    String(instance.validateUrl),
    time(instance.createdMs),
  ]);
  return print(table(['INSTANCE', 'SIGNATURE', 'VALIDATION', 'CREATED'], rows));
}
