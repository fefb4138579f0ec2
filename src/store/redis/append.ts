/** Adding records, now or when they are due, taking them back, and raising a stream's counter. */
import type { Oplog, StreamKey } from '../../core/model.js';
import {
  type AppendRequest,
  type AppendResult,
  type DueAppend,
  type Revoked,
  type RevokeRequest,
  StoreUnavailable,
} from '../../core/ports.js';
import { SHARDS, shardKey } from '../../redis/owner-key.js';
import { checkRequest, checkStream } from '../options.js';
import { encodeRecord, seal } from '../record.js';
import { requestOfRow, waitingRow } from '../waiting.js';
import { chunks, settled } from './calls.js';
import type { Argument } from './commands.js';
import {
  bytesOf,
  listOf,
  numberOf,
  type RedisContext,
  refOf,
  streamArgs,
  textOf,
  unsealed,
} from './context.js';
import { hashOf, KEPT_MS, type StreamRef } from './keys.js';
import { decodeEntry } from './reads.js';

/** Requests that one script takes: Redis does nothing else meanwhile. */
const MAX_REQUESTS = 100;

type OneResult = AppendResult | { readonly status: 'gone' };

/** How a request is carried out: at once, kept aside, or under the name it has waited under. */
interface Step {
  readonly request: AppendRequest;
  readonly mode: string;
  /** The time that the id carries. */
  readonly idMs: number;
}

/** @throws {RangeError} before anything is sent, for what cannot be stored. */
export async function append(
  context: RedisContext,
  requests: readonly AppendRequest[],
): Promise<AppendResult[]> {
  for (const request of requests) checkRequest(request);
  const steps = requests.map((request): Step => {
    const later = request.notBeforeMs > request.acceptedMs;
    return { request, mode: later ? 'later' : 'now', idMs: request.acceptedMs };
  });
  const results = await appendSteps(context, steps);
  return results.map((result) => {
    if (result.status === 'gone') throw new StoreUnavailable('an append got an answer that it cannot get');
    return result;
  });
}

/** The steps of one stream go together, in their order. */
async function appendSteps(context: RedisContext, steps: readonly Step[]): Promise<OneResult[]> {
  const groups = new Map<string, { readonly ref: StreamRef; readonly at: number[] }>();
  steps.forEach(({ request }, at) => {
    const ref = refOf(context, request.stream);
    const name = `${ref.base}\0${ref.biz}`;
    const known = groups.get(name);
    if (known) known.at.push(at);
    else groups.set(name, { ref, at: [at] });
  });
  const results: OneResult[] = new Array(steps.length);
  const calls = [...groups.values()].flatMap(({ ref, at }) =>
    chunks(at, MAX_REQUESTS).map(async (some) => {
      const done = await appendToStream(context, ref, pick(steps, some));
      some.forEach((index, n) => {
        results[index] = done[n] ?? { status: 'gone' };
      });
    }),
  );
  await settled(calls);
  return results;
}

async function appendToStream(
  context: RedisContext,
  ref: StreamRef,
  steps: readonly Step[],
): Promise<OneResult[]> {
  const args: Argument[] = [...streamArgs(context, ref), context.idFloor];
  for (const { request, mode, idMs } of steps) {
    const remembered = request.resendOf === 0 && request.thirdMsgId !== '';
    args.push(
      mode,
      remembered ? hashOf(request.thirdMsgId) : '',
      request.acceptedMs,
      mode === 'later' ? request.notBeforeMs : idMs,
      request.expiresMs,
      request.keepNewest,
      mode === 'later'
        ? seal(waitingRow(request))
        : encodeRecord({ ...oplogOf(request, 0), body: request.body }),
    );
  }
  const [results, members] = listOf(await context.commands.run('append', [ref.base, ref.shard], args));
  const nodes = listOf(members).map(textOf);
  const replies = listOf(results);
  return steps.map(({ request }, at) => resultOf(request, listOf(replies[at]), nodes));
}

function resultOf(request: AppendRequest, reply: readonly unknown[], nodes: readonly string[]): OneResult {
  const [status, id, second, trimmed] = reply;
  switch (textOf(status)) {
    case 's':
      return {
        status: 'stored',
        oplog: oplogOf(request, numberOf(id)),
        prev: numberOf(second),
        trimmed: numberOf(trimmed),
        ...(nodes.length > 0 ? { nodes } : {}),
      };
    case 'd':
      return { status: 'duplicate', id: numberOf(id), acceptedMs: numberOf(second) };
    case 'w':
      return { status: 'scheduled' };
    default:
      return { status: 'gone' };
  }
}

function oplogOf(request: AppendRequest, id: number): Oplog {
  const { acceptedMs, expiresMs, thirdMsgId, filter, traced, resendOf, body } = request;
  return { id, acceptedMs, expiresMs, thirdMsgId, filter, traced, resendOf, body };
}

interface Due {
  readonly shard: string;
  readonly name: string;
  readonly dueMs: number;
}

/**
 * Looks into every shard. Several nodes may do so at once: a record is appended by the one that takes
 * its name away, in the same step.
 */
export async function appendDue(context: RedisContext, wallMs: number, max: number): Promise<DueAppend[]> {
  const due = (await dueBy(context, wallMs, max)).slice(0, max);
  const rows = await settled(due.map(({ shard, name }) => context.commands.read('hget', `${shard}:w`, name)));
  const steps: Step[] = [];
  const lost: Due[] = [];
  due.forEach((one, at) => {
    const row = unsealed(context, `${one.shard}:w ${one.name}`, bytesOf(rows[at]));
    if (row === undefined) lost.push(one);
    else steps.push({ request: requestOfRow(row), mode: one.name, idMs: wallMs });
  });
  await settled(lost.map(({ shard, name }) => context.commands.run('forget-waiting', [shard], [name])));
  const results = await appendSteps(context, steps);
  return results.flatMap((result, at) => {
    const request = steps[at]?.request;
    if (request === undefined || result.status !== 'stored') return [];
    const { oplog, prev, nodes } = result;
    return [{ stream: request.stream, oplog, prev, ...(nodes ? { nodes } : {}) }];
  });
}

/** What is due, the longest due first; names keep the order of acceptance. */
async function dueBy(context: RedisContext, wallMs: number, max: number): Promise<Due[]> {
  const shards = Array.from({ length: SHARDS }, (_, n) => shardKey(context.prefix, n));
  const replies = await settled(
    shards.map((shard) =>
      context.commands.read(
        'zrangebyscore',
        `${shard}:q`,
        '-inf',
        Math.floor(wallMs),
        'WITHSCORES',
        'LIMIT',
        0,
        max,
      ),
    ),
  );
  const due = replies.flatMap((reply, at) =>
    pairs(listOf(reply)).map(([name, score]) => {
      return { shard: shards[at] ?? '', name: textOf(name), dueMs: numberOf(score) };
    }),
  );
  return due.sort((a, b) => a.dueMs - b.dueMs || (a.name < b.name ? -1 : 1));
}

/** @throws {RangeError} for a floor that is no id. */
export async function raiseFloor(context: RedisContext, stream: StreamKey, floor: number): Promise<boolean> {
  checkStream(stream);
  if (!Number.isSafeInteger(floor) || floor < 0) throw new RangeError(`not an oplog id: ${floor}`);
  const ref = refOf(context, stream);
  return (
    numberOf(await context.commands.run('raise-floor', [ref.base], [ref.biz, floor, KEPT_MS.head])) === 1
  );
}

/** All of one stream in one step; what is left over by a failure is done by calling again. */
export async function revoke(
  context: RedisContext,
  requests: readonly RevokeRequest[],
): Promise<(Revoked | null)[]> {
  return settled(
    requests.map(async ({ stream, thirdMsgId, sinceMs }) => {
      checkStream(stream);
      const ref = refOf(context, stream);
      const args = [...streamArgs(context, ref), hashOf(thirdMsgId), sinceMs];
      const [reply] = listOf(await context.commands.run('revoke', [ref.base, ref.shard], args));
      const [id, acceptedMs, waited, entry] = listOf(reply);
      if (id === undefined) return null;
      const bytes = bytesOf(entry);
      const oplog = bytes.length === 0 ? null : decodeEntry(context, ref, bytes);
      return { id: numberOf(id), acceptedMs: numberOf(acceptedMs), oplog, waited: numberOf(waited) === 1 };
    }),
  );
}

/** A flat list of pairs; RESP3 answers pairs as lists of two. */
function pairs(list: readonly unknown[]): (readonly [unknown, unknown])[] {
  if (Array.isArray(list[0])) return list.map((pair) => [listOf(pair)[0], listOf(pair)[1]] as const);
  const found: (readonly [unknown, unknown])[] = [];
  for (let at = 0; at + 1 < list.length; at += 2) found.push([list[at], list[at + 1]]);
  return found;
}

function pick<T>(all: readonly T[], indexes: readonly number[]): T[] {
  return indexes.flatMap((index) => {
    const one = all[index];
    return one === undefined ? [] : [one];
  });
}
