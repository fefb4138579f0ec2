/** Requests of one shape, made by writing numbers into a template: the sender must not be what is measured. */
import { blankPayload, fillHead, fillName, fillUser, messageName, userName } from './payload.js';

export interface Template {
  readonly bytes: Buffer;
  readonly userAt: number;
  readonly nameAt: number;
  readonly payloadAt: number;
}

/** The JSON body of a sync request for the user of a device, or for everybody when `biz` is global. */
function body(run: string, biz: string, payloadBytes: number, global: boolean): Record<string, unknown> {
  const fields = {
    bizType: biz,
    thirdMsgId: messageName(run, 0, 0),
    payload: blankPayload(run, payloadBytes),
  };
  return global ? { ...fields, global: true } : { ...fields, linkToken: userName(0) };
}

function template(text: string, run: string): Template {
  const bytes = Buffer.from(text, 'latin1');
  return {
    bytes,
    userAt: bytes.indexOf(userName(0)),
    nameAt: bytes.indexOf(messageName(run, 0, 0)),
    payloadAt: bytes.indexOf(`LB${run} `),
  };
}

/** One line of the admin port's NDJSON batch. */
export function lineTemplate(run: string, biz: string, payloadBytes: number, global = false): Template {
  return template(`${JSON.stringify(body(run, biz, payloadBytes, global))}\n`, run);
}

/** One whole HTTP request of `/webapi/sync/single`. */
export function requestTemplate(run: string, biz: string, payloadBytes: number, instance: string): Template {
  const json = JSON.stringify(body(run, biz, payloadBytes, false));
  const head = [
    `POST /webapi/sync/single?instanceId=${instance} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    `Content-Length: ${json.length}`,
  ];
  return template(`${head.join('\r\n')}\r\n\r\n${json}`, run);
}

/** Copies the template to `out` at `at` and writes the numbers. @returns where it ends. */
export function writeMessage(
  from: Template,
  out: Buffer,
  at: number,
  device: number,
  sequence: number,
  dueUs: number,
): number {
  from.bytes.copy(out, at);
  if (from.userAt >= 0) fillUser(out, at + from.userAt, device);
  fillName(out, at + from.nameAt, device, sequence);
  fillHead(out, at + from.payloadAt, device, sequence, dueUs);
  return at + from.bytes.length;
}
