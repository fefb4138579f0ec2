/** `longlink timeline` */
import { parseArgs } from 'node:util';
import { ADMIN_HELP, ADMIN_OPTIONS, createAdminClient } from './admin-client.js';
import { usageError } from './command-error.js';
import { print, printJson } from './output.js';
import { fetchTimeline, followTimeline, printTimeline } from './timeline-view.js';
import { duration, required } from './values.js';

const HELP = `Usage: longlink timeline --biz BIZTYPE [--to TARGET] (--msg THIRDMSGID | --id OPLOGID) [options]

      --biz BIZTYPE    the sync configuration
      --to TARGET      user id or utdid; not for global data
      --msg ID         the caller's thirdMsgId
      --id ID          the oplog id
      --devices A,B    further devices to look at
      --follow         print steps until every reader is through
      --for DURATION   with --follow: how long, by default 60s

A time with ~ is the latest that it can have been.
Exit codes: 0 done, 1 not found or not reached, 2 called wrongly, 5 not acknowledged in time.

${ADMIN_HELP}`;

/** Exit code of a follow that ended without an acknowledgement. */
export const NOT_ACKNOWLEDGED = 5;

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...ADMIN_OPTIONS,
      biz: { type: 'string' },
      to: { type: 'string' },
      msg: { type: 'string' },
      id: { type: 'string' },
      devices: { type: 'string' },
      follow: { type: 'boolean' },
      for: { type: 'string' },
    },
  });
  if (values.help) return print(HELP);
  if ((values.msg === undefined) === (values.id === undefined))
    throw usageError('give one of --msg and --id');
  const name = {
    biz: required(values.biz, '--biz'),
    linkToken: values.to ?? '',
    thirdMsgId: values.msg,
    id: values.id,
    devices: values.devices,
  };
  const client = createAdminClient(values);
  if (values.follow) {
    const acked = await followTimeline(client, name, duration(values.for ?? '60s', 'for'));
    return acked ? 0 : NOT_ACKNOWLEDGED;
  }
  const answer = await fetchTimeline(client, name);
  return values.json ? printJson(answer) : printTimeline(answer);
}
