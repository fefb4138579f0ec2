/**
 * Where data enters: from a validated request to a durable record and a wake-up. The one way in for
 * `/webapi`, the admin port and the signed APIs. docs/architecture.md, "Append".
 */
import type { CatalogueView, Topic } from './catalogue.js';
import type { SyncResult } from './codes.js';
import { type Audience, type Filter, MAX_RETENTION_MS, type Oplog, type StreamKey } from './model.js';
import {
  type AppendRequest,
  type AppendResult,
  type EncodeOplogBody,
  type Now,
  type Store,
  StoreUnavailable,
  type Wake,
} from './ports.js';
import { normalizeOs } from './targeting.js';

/** A validated request: lengths, types and version syntax were checked at the edge. */
export interface SendRequest {
  readonly instance: string;
  readonly biz: string;
  /** Which call it came by: `global` or `single`. */
  readonly global: boolean;
  /** User id or utdid, as the configuration says; empty for global. */
  readonly linkToken: string;
  readonly thirdMsgId: string;
  readonly payload: Uint8Array;
  readonly binary: boolean;
  readonly os?: string | undefined;
  readonly minVersion?: string | undefined;
  readonly maxVersion?: string | undefined;
  /** Wall ms; 0 or absent for now. */
  readonly validStartMs?: number | undefined;
  /** Wall ms; absent for the configuration's retention. */
  readonly validEndMs?: number | undefined;
  readonly minUid?: number | undefined;
  readonly maxUid?: number | undefined;
  readonly uids?: readonly number[] | undefined;
  readonly audience?: Audience | undefined;
  /** Log every step of this message. */
  readonly trace?: boolean | undefined;
  /** The dead letter that this sends again: stored past the dedupe, linked to the old. */
  readonly resendOf?: number | undefined;
}

export interface SendOutcome {
  readonly result: SyncResult;
  /** Oplog id, or null when nothing was stored. */
  readonly id: number | null;
}

export interface Delivery {
  readonly store: Store;
  readonly catalogue: CatalogueView;
  readonly now: () => Now;
  readonly encodeBody: EncodeOplogBody;
  /**
   * Tells the live sessions of the stream's owner, here and on the `nodes` that an append has named.
   *
   * @returns how many were told; another node counts as one.
   */
  readonly wake: (wake: Wake, nodes: readonly string[]) => number;
  /** Whether a session of the stream's owner is live. */
  readonly isOnline: (stream: StreamKey) => boolean;
  /**
   * Other members of the cluster that hold sessions of the stream's owner. Rejects as a store does.
   * Left out where there is one node.
   */
  readonly locate?: (stream: StreamKey) => Promise<readonly string[]>;
  /** Most records a stream may hold, whatever its configuration: protects the store. */
  readonly hardCapPerStream: number;
  /** Share of messages whose every step is logged, 0..1. */
  readonly traceSampleRate: number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Last id given to non-persisted data; ids only order it on one connection. */
  lastTransientId: number;
}

/** As `sendAll`, of one. */
export async function send(delivery: Delivery, request: SendRequest): Promise<SendOutcome> {
  const [outcome] = await sendAll(delivery, [request]);
  return outcome ?? refuse('SYSTEM_ERROR');
}

/**
 * Accepts data, in order. Resolves only after all persisted records are durable; they share one append,
 * because a promise chain for each record is what the way in spends most objects on.
 *
 * @returns an outcome for each; SYSTEM_ERROR when the store did not answer: the outcome is unknown, and
 *   the caller may repeat the call with the same thirdMsgId (delivery rule 3).
 */
export async function sendAll(delivery: Delivery, requests: readonly SendRequest[]): Promise<SendOutcome[]> {
  const now = delivery.now();
  const routed = requests.map((request) => ({ request, topic: topicFor(delivery, request) }));
  const located = await locateAll(delivery, routed);
  if (located === null) return requests.map(() => refuse('SYSTEM_ERROR'));
  const appends = routed.flatMap(({ request, topic }, at) =>
    typeof topic !== 'string' && topic.config.persisted
      ? [appendRequest(delivery, topic, request, now, located.get(at) ?? NOWHERE)]
      : [],
  );
  const appended = await appendAll(delivery, appends);
  let next = 0;
  // What no store keeps goes last: when the append throws, none of it has been sent.
  return routed.map(({ request, topic }, at) => {
    if (typeof topic === 'string') return refuse(topic);
    if (!topic.config.persisted) return sendTransient(delivery, topic, request, located.get(at) ?? NOWHERE);
    return appended[next++] ?? refuse('SYSTEM_ERROR');
  });
}

interface Routed {
  readonly request: SendRequest;
  readonly topic: Topic | SyncResult;
}

const NOWHERE: readonly string[] = [];
const NONE_LOCATED: ReadonlyMap<number, readonly string[]> = new Map();

/**
 * By index: the nodes of the owners of which more must be known than an append tells. Null when they
 * cannot be found out.
 */
async function locateAll(
  delivery: Delivery,
  routed: readonly Routed[],
): Promise<ReadonlyMap<number, readonly string[]> | null> {
  const { locate } = delivery;
  if (locate === undefined) return NONE_LOCATED;
  const found = routed.flatMap(({ request, topic }, at) => {
    if (typeof topic === 'string' || !needsNodes(topic)) return [];
    return [locate(streamFor(topic, request)).then((nodes) => [at, nodes] as const)];
  });
  if (found.length === 0) return NONE_LOCATED;
  try {
    return new Map(await Promise.all(found));
  } catch {
    return null;
  }
}

/** Transient data has no append that names them; one to a threshold depends on the reader being away. */
function needsNodes({ config, userReader, stream }: Topic): boolean {
  if (!config.persisted) return stream !== 'g';
  return config.threshold !== null && (userReader || stream === 'd');
}

/** The topic of a request, or why it is refused. */
function topicFor(delivery: Delivery, request: SendRequest): Topic | SyncResult {
  const topic = delivery.catalogue.instances.get(request.instance)?.byBiz.get(request.biz);
  if (topic === undefined || !topic.config.online) return 'BIZ_NOT_ONLINE';
  return request.global === (topic.stream === 'g') ? topic : 'NOT_SUPPORT_GLOBAL';
}

async function appendAll(delivery: Delivery, appends: readonly AppendRequest[]): Promise<SendOutcome[]> {
  if (appends.length === 0) return [];
  try {
    const results = await delivery.store.append(appends);
    return appends.map(({ stream }, at) => {
      const result = results[at];
      return result === undefined ? refuse('SYSTEM_ERROR') : settle(delivery, stream, result);
    });
  } catch (error) {
    if (error instanceof StoreUnavailable) return appends.map(() => refuse('SYSTEM_ERROR'));
    throw error;
  }
}

function refuse(result: SyncResult): SendOutcome {
  return { result, id: null };
}

function streamFor(topic: Topic, request: SendRequest): StreamKey {
  const owner = topic.stream === 'g' ? '' : request.linkToken;
  return { instance: request.instance, kind: topic.stream, owner, biz: request.biz };
}

function appendRequest(
  delivery: Delivery,
  topic: Topic,
  request: SendRequest,
  now: Now,
  nodes: readonly string[],
): AppendRequest {
  const startMs = Math.max(request.validStartMs ?? 0, now.wall);
  const retentionMs = Math.min(topic.config.retentionMs, MAX_RETENTION_MS);
  return {
    stream: streamFor(topic, request),
    thirdMsgId: request.thirdMsgId,
    acceptedMs: now.wall,
    expiresMs: Math.min(request.validEndMs ?? Number.POSITIVE_INFINITY, startMs + retentionMs),
    notBeforeMs: startMs > now.wall ? startMs : 0,
    filter: filterOf(request),
    traced: request.trace === true || isSampled(delivery),
    resendOf: request.resendOf ?? 0,
    body: bodyOf(delivery, request, now),
    keepNewest: keepNewest(delivery, topic, request, nodes),
  };
}

function isSampled(delivery: Delivery): boolean {
  return delivery.traceSampleRate > 0 && delivery.random() < delivery.traceSampleRate;
}

function bodyOf(delivery: Delivery, request: SendRequest, now: Now): Uint8Array {
  const { payload, binary, thirdMsgId } = request;
  return delivery.encodeBody({ payload, binary, thirdMsgId, acceptedMs: now.wall });
}

/** Only the stream of a single reader who is away is trimmed to its threshold when it grows (delivery rule 20). */
function keepNewest(
  delivery: Delivery,
  topic: Topic,
  request: SendRequest,
  nodes: readonly string[],
): number {
  const { threshold } = topic.config;
  const singleReader = topic.userReader || topic.stream === 'd';
  const isOnline = nodes.length > 0 || delivery.isOnline(streamFor(topic, request));
  if (threshold === null || !singleReader || isOnline) return delivery.hardCapPerStream;
  return Math.min(threshold, delivery.hardCapPerStream);
}

function filterOf(request: SendRequest): Filter | null {
  const filter: { -readonly [K in keyof Filter]: Filter[K] } = {};
  if (request.os !== undefined && request.os !== '') filter.os = normalizeOs(request.os);
  if (request.minVersion !== undefined) filter.minVersion = request.minVersion;
  if (request.maxVersion !== undefined) filter.maxVersion = request.maxVersion;
  if (request.minUid !== undefined) filter.minUid = request.minUid;
  if (request.maxUid !== undefined) filter.maxUid = request.maxUid;
  if (request.uids !== undefined) filter.uids = request.uids;
  if (request.audience !== undefined) filter.audience = request.audience;
  return Object.keys(filter).length === 0 ? null : filter;
}

/** The wake-up comes after the commit: a record that is not durable is never sent (delivery rule 1). */
function settle(delivery: Delivery, stream: StreamKey, result: AppendResult): SendOutcome {
  switch (result.status) {
    case 'stored': {
      const { oplog, prev } = result;
      const told = delivery.wake({ stream, id: oplog.id, prev, oplog, transient: false }, result.nodes ?? []);
      return { result: told > 0 ? 'SUCCESS' : offline(stream), id: oplog.id };
    }
    case 'duplicate':
      return { result: 'DUPLICATED_BIZ_ID', id: result.id === 0 ? null : result.id };
    case 'scheduled':
      return { result: offline(stream), id: null };
  }
}

/** The global call knows no NOT_ONLINE (mPaaS MSS guide, 5.3). */
function offline(stream: StreamKey): SyncResult {
  return stream.kind === 'g' ? 'SUCCESS' : 'NOT_ONLINE';
}

/** Non-persisted: handed to the sessions alive at this moment, or dropped. */
function sendTransient(
  delivery: Delivery,
  topic: Topic,
  request: SendRequest,
  nodes: readonly string[],
): SendOutcome {
  const now = delivery.now();
  const oplog: Oplog = {
    id: nextTransientId(delivery),
    acceptedMs: now.wall,
    expiresMs: Math.min(request.validEndMs ?? Number.POSITIVE_INFINITY, now.wall + topic.config.retentionMs),
    thirdMsgId: request.thirdMsgId,
    filter: filterOf(request),
    traced: false,
    resendOf: 0,
    body: bodyOf(delivery, request, now),
  };
  const stream = streamFor(topic, request);
  const told = delivery.wake({ stream, id: oplog.id, prev: 0, oplog, transient: true }, nodes);
  return { result: told > 0 ? 'SUCCESS' : offline(stream), id: null };
}

/** An id for non-persisted data: it only orders it on its connections. */
export function nextTransientId(delivery: Delivery): number {
  delivery.lastTransientId = Math.max(delivery.lastTransientId + 1, Math.floor(delivery.now().wall) * 1000);
  return delivery.lastTransientId;
}

/** Appends what was kept aside for a later validity and is due now; at most `max`. @returns how many. */
export async function appendDue(delivery: Delivery, max: number): Promise<number> {
  const due = await delivery.store.appendDue(delivery.now().wall, max);
  for (const { stream, oplog, prev, nodes } of due) {
    delivery.wake({ stream, id: oplog.id, prev, oplog, transient: false }, nodes ?? []);
  }
  return due.length;
}
