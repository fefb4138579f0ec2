/** `longlink send` */
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ADMIN_HELP, ADMIN_OPTIONS, type AdminClient, createAdminClient } from './admin-client.js';
import { CommandError, usageError } from './command-error.js';
import { print, printJson } from './output.js';
import { NOT_ACKNOWLEDGED } from './timeline.js';
import { followTimeline } from './timeline-view.js';
import { duration, instant, required, wholeNumber } from './values.js';

const HELP = `Usage: longlink send --biz BIZTYPE (--to TARGET | --global) (--text TEXT | --file FILE) [options]

      --biz BIZTYPE        the sync configuration
      --to TARGET          user id or utdid, as the configuration says
      --global             to everybody
      --text TEXT          the data
      --file FILE          the data from a file, - for standard input
      --binary             the data is bytes, not text
      --msg ID             your own id; the same again is not stored twice (else a random one)
      --os OS              ios, android or harmony only
      --min-version V      lowest app version, inclusive
      --max-version V      highest app version, inclusive
      --valid-start TIME   kept aside until then: +12h, 2027-01-31T08:00:00Z, or ms since 1970
      --valid-end TIME     never sent after it
      --min-uid N, --max-uid N, --uids N,N   with --global: a share of the readers
      --follow             log every step, and print the steps until every reader is through
      --for DURATION       with --follow: how long, by default 60s

Exit codes: 0 taken (with --follow: acknowledged), 1 refused or not reached, 2 called wrongly,
5 not acknowledged in time.

${ADMIN_HELP}`;

const OPTIONS = {
  ...ADMIN_OPTIONS,
  biz: { type: 'string' },
  to: { type: 'string' },
  global: { type: 'boolean' },
  text: { type: 'string' },
  file: { type: 'string' },
  binary: { type: 'boolean' },
  msg: { type: 'string' },
  os: { type: 'string' },
  'min-version': { type: 'string' },
  'max-version': { type: 'string' },
  'valid-start': { type: 'string' },
  'valid-end': { type: 'string' },
  'min-uid': { type: 'string' },
  'max-uid': { type: 'string' },
  uids: { type: 'string' },
  follow: { type: 'boolean' },
  for: { type: 'string' },
} as const;

type Values = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS }).values;
}

export async function run(args: readonly string[]): Promise<number> {
  const values = parse(args);
  if (values.help) return print(HELP);
  const body = bodyOf(values);
  const client = createAdminClient(values);
  const path = await client.instancePath('/sync');
  const answer = await client.call('POST', path, body);
  if (values.json) printJson({ ...answer, thirdMsgId: body.thirdMsgId });
  else
    print(`${answer.result}  thirdMsgId ${body.thirdMsgId}${answer.id === null ? '' : `  id ${answer.id}`}`);
  if (!values.follow) return 0;
  return followSent(client, values, body, answer.id);
}

async function followSent(
  client: AdminClient,
  values: Values,
  body: ReturnType<typeof bodyOf>,
  id: unknown,
): Promise<number> {
  if (typeof id !== 'string') {
    throw new CommandError('there is nothing to follow: the data is not persisted, or waits for its time');
  }
  const name = { biz: body.bizType, linkToken: body.linkToken ?? '', id };
  const acked = await followTimeline(client, name, duration(values.for ?? '60s', 'for'));
  return acked ? 0 : NOT_ACKNOWLEDGED;
}

/** The request; what its fields may be is the server's to check. */
function bodyOf(values: Values) {
  if (values.global === true && values.to !== undefined)
    throw usageError('--global and --to exclude each other');
  const now = Date.now();
  const optional = <T>(value: string | undefined, field: string, read: (text: string) => T) =>
    value === undefined ? {} : { [field]: read(value) };
  const same = (text: string): string => text;
  return {
    bizType: required(values.biz, '--biz'),
    thirdMsgId: values.msg ?? randomUUID(),
    ...(values.global === true ? { global: true } : { linkToken: required(values.to, '--to or --global') }),
    ...dataOf(values),
    ...optional(values.os, 'osType', same),
    ...optional(values['min-version'], 'appMinVersion', same),
    ...optional(values['max-version'], 'appMaxVersion', same),
    ...optional(values['valid-start'], 'validTimeStart', (text) => instant(text, 'valid-start', now)),
    ...optional(values['valid-end'], 'validTimeEnd', (text) => instant(text, 'valid-end', now)),
    ...optional(values['min-uid'], 'minUid', (text) => wholeNumber(text, 'min-uid')),
    ...optional(values['max-uid'], 'maxUid', (text) => wholeNumber(text, 'max-uid')),
    ...optional(values.uids, 'uids', same),
    ...(values.follow === true ? { trace: true } : {}),
  } as { readonly bizType: string; readonly thirdMsgId: string; readonly linkToken?: string };
}

function dataOf({ text, file, binary }: Values): { payload: string } | { binaryPayload: string } {
  if ((text === undefined) === (file === undefined)) throw usageError('give one of --text and --file');
  const bytes = file === undefined ? Buffer.from(text ?? '') : readData(file);
  if (binary === true) return { binaryPayload: bytes.toString('base64') };
  if (!isUtf8(bytes)) throw usageError('the data is not UTF-8 text; send it with --binary');
  return { payload: bytes.toString('utf8') };
}

function readData(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new CommandError(`cannot read the data: ${(error as Error).message}`);
  }
}
