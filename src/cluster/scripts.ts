/** The Lua scripts of this folder: their keys and arguments are documented at the top of each file. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RedisClient } from '../redis/connection.js';
import { asStoreError } from '../redis/errors.js';

export type ScriptName = 'renew' | 'claim' | 'release' | 'offer' | 'unlock';

export interface Scripts {
  /** Runs a script; its keys lie in one slot. Rejects with StoreUnavailable when Redis does not answer. */
  run(name: ScriptName, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
}

/** Put there by the build (scripts/copy-lua.sh). */
const FOLDER = new URL('./lua/', import.meta.url);

export function createScripts(client: RedisClient): Scripts {
  const known = new Map<ScriptName, { readonly text: string; readonly sha: string }>();
  const load = (name: ScriptName) => {
    const loaded = known.get(name);
    if (loaded !== undefined) return loaded;
    const text = readFileSync(new URL(`${name}.lua`, FOLDER), 'utf8');
    const script = { text, sha: createHash('sha1').update(text).digest('hex') };
    known.set(name, script);
    return script;
  };
  return {
    async run(name, keys, args) {
      const { text, sha } = load(name);
      try {
        return await client.evalsha(sha, keys.length, ...keys, ...args);
      } catch (error) {
        // A server that was started anew, or has another primary, does not know it.
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw asStoreError(error);
        return client.eval(text, keys.length, ...keys, ...args).catch(refuse);
      }
    },
  };
}

/** Fails in the words of the Store port, by which callers know what is nobody's fault. */
export function refuse(error: unknown): never {
  throw asStoreError(error);
}

/** An answer that is a list, as texts. */
export function texts(reply: unknown): string[] {
  return Array.isArray(reply) ? reply.map(String) : [];
}
