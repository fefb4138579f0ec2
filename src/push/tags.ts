/**
 * Tags of devices and accounts: Mobile Push OpenAPI 2015-08-27, BindTag and its like. Kept both
 * ways round, so that neither the tags of a client nor the clients of a tag need a scan.
 */

import type { DocStore, DocWrite } from '../core/ports.js';
import { createTurns, type InTurn } from './turns.js';

export const MAX_TAGS = 128;

/** A tag of the app: `instance/tag`. Exists while a client has it. */
const TAGS = 'tags';
/** `instance/client` to the list of its tags. */
const CLIENT_TAGS = 'client-tags';
/** `instance/tag/client`. */
const TAG_CLIENTS = 'tag-clients';

/** What has tags. A device and an account of one name never meet. */
export interface TagClient {
  readonly kind: 'device' | 'account';
  readonly name: string;
}

/** The app would have more than {@link MAX_TAGS} tags. */
export class TooManyTags extends Error {
  override readonly name = 'TooManyTags';
}

export interface Tags {
  /** Atomic over all clients and tags. @throws {TooManyTags} */
  bind(instance: string, clients: readonly TagClient[], tags: readonly string[]): Promise<void>;
  /** What was not bound is no error. A tag that nobody has any more is gone. */
  unbind(instance: string, clients: readonly TagClient[], tags: readonly string[]): Promise<void>;
  /** Tags of the app, by name. */
  list(instance: string): Promise<string[]>;
  /** Tags of one client, by name. */
  of(instance: string, client: TagClient): Promise<string[]>;
  /** Some clients with a tag, at most `limit`. */
  clients(instance: string, tag: string, limit: number): Promise<TagClient[]>;
}

/** @param inTurn changes are done one after the other, on all nodes */
export function createTags(store: DocStore, inTurn: InTurn = createTurns()): Tags {
  return {
    bind: (instance, clients, tags) => inTurn(async () => bind(store, instance, clients, tags)),
    unbind: (instance, clients, tags) => inTurn(async () => unbind(store, instance, clients, tags)),
    list: (instance) => listTags(store, instance),
    of: (instance, client) => tagsOf(store, instance, client),
    async clients(instance, tag, limit) {
      const prefix = `${instance}/${encode(tag)}/`;
      const docs = await store.docs(TAG_CLIENTS, prefix, limit);
      return docs.map(({ key }) => decodeClient(key.slice(prefix.length)));
    },
  };
}

async function listTags(store: DocStore, instance: string): Promise<string[]> {
  const docs = await store.docs(TAGS, `${instance}/`, MAX_TAGS);
  return docs.map(({ value }) => String(value)).sort();
}

async function tagsOf(store: DocStore, instance: string, client: TagClient): Promise<string[]> {
  const value = await store.doc(CLIENT_TAGS, `${instance}/${encodeClient(client)}`);
  return Array.isArray(value) ? value.map(String) : [];
}

async function bind(
  store: DocStore,
  instance: string,
  clients: readonly TagClient[],
  tags: readonly string[],
): Promise<void> {
  const known = new Set(await listTags(store, instance));
  const fresh = [...new Set(tags)].filter((tag) => !known.has(tag));
  if (known.size + fresh.length > MAX_TAGS) throw new TooManyTags(`an app has at most ${MAX_TAGS} tags`);
  const writes: DocWrite[] = fresh.map((tag) => tagWrite(instance, tag, tag));
  for (const client of distinct(clients)) {
    const had = await tagsOf(store, instance, client);
    const added = tags.filter((tag) => !had.includes(tag));
    if (added.length === 0) continue;
    writes.push(clientWrite(instance, client, [...new Set([...had, ...added])].sort()));
    for (const tag of new Set(added)) writes.push(pairWrite(instance, tag, client, true));
  }
  if (writes.length > 0) await store.saveDocs(writes);
}

async function unbind(
  store: DocStore,
  instance: string,
  clients: readonly TagClient[],
  tags: readonly string[],
): Promise<void> {
  const writes: DocWrite[] = [];
  const removed = new Map<string, number>();
  for (const client of distinct(clients)) {
    const had = await tagsOf(store, instance, client);
    const gone = had.filter((tag) => tags.includes(tag));
    if (gone.length === 0) continue;
    const kept = had.filter((tag) => !gone.includes(tag));
    writes.push(clientWrite(instance, client, kept.length === 0 ? null : kept));
    for (const tag of gone) {
      writes.push(pairWrite(instance, tag, client, null));
      removed.set(tag, (removed.get(tag) ?? 0) + 1);
    }
  }
  for (const [tag, count] of removed) {
    // One more than are taken away tells whether anybody is left.
    const holders = await store.docs(TAG_CLIENTS, `${instance}/${encode(tag)}/`, count + 1);
    if (holders.length <= count) writes.push(tagWrite(instance, tag, null));
  }
  if (writes.length > 0) await store.saveDocs(writes);
}

function distinct(clients: readonly TagClient[]): TagClient[] {
  return [...new Map(clients.map((client) => [encodeClient(client), client])).values()];
}

function tagWrite(instance: string, tag: string, value: string | null): DocWrite {
  return { collection: TAGS, key: `${instance}/${encode(tag)}`, value };
}

function clientWrite(instance: string, client: TagClient, value: readonly string[] | null): DocWrite {
  return { collection: CLIENT_TAGS, key: `${instance}/${encodeClient(client)}`, value };
}

function pairWrite(instance: string, tag: string, client: TagClient, value: true | null): DocWrite {
  return { collection: TAG_CLIENTS, key: `${instance}/${encode(tag)}/${encodeClient(client)}`, value };
}

/** Names are encoded: they may hold the slash that parts the key. */
function encode(name: string): string {
  return Buffer.from(name).toString('base64url');
}

function encodeClient({ kind, name }: TagClient): string {
  return `${kind === 'device' ? 'd' : 'a'}${encode(name)}`;
}

function decodeClient(text: string): TagClient {
  return {
    kind: text.startsWith('d') ? 'device' : 'account',
    name: Buffer.from(text.slice(1), 'base64url').toString('utf8'),
  };
}
