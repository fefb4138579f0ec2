/** `longlink pushes` */
import { parseArgs } from 'node:util';
import { ADMIN_HELP, ADMIN_OPTIONS, createAdminClient, type Json } from './admin-client.js';
import { usageError } from './command-error.js';
import { print, printJson, table, time } from './output.js';

const HELP = `Usage: longlink pushes (--target TARGET | --msg-key MSGKEY) [options]

Pushes of the last 30 days, the oldest first, at most 500 (docs/push.md).

      --target TARGET    those to a user or a device id, broadcasts included
      --msg-key MSGKEY   those of a business message id

What happened to one, step by step: longlink timeline --biz BIZTYPE --to TARGET --id ID

${ADMIN_HELP}`;

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { ...ADMIN_OPTIONS, target: { type: 'string' }, 'msg-key': { type: 'string' } },
  });
  if (values.help) return print(HELP);
  const { target, 'msg-key': msgKey } = values;
  if ((target === undefined) === (msgKey === undefined))
    throw usageError('give one of --target and --msg-key');
  const client = createAdminClient(values);
  const query =
    target === undefined
      ? `msgKey=${encodeURIComponent(msgKey ?? '')}`
      : `target=${encodeURIComponent(target)}`;
  const answer = await client.call('GET', await client.instancePath(`/pushes?${query}`));
  const pushes = answer.pushes as readonly Json[];
  return values.json ? printJson(pushes) : show(pushes);
}

function show(pushes: readonly Json[]): number {
  const rows = pushes.map((one) => [
    time(one.atMs),
    time(one.expiresMs),
    String(one.kind),
    String(one.state),
    one.target === '' ? '(everybody)' : String(one.target),
    String(one.msgKey),
    String(one.taskId),
    String(one.biz),
    String(one.id),
  ]);
  const head = ['PUSHED', 'VALID UNTIL', 'KIND', 'STATE', 'TARGET', 'MESSAGE', 'TASK', 'BIZTYPE', 'ID'];
  return print(table(head, rows));
}
