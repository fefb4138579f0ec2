/** AppKeys: the numbers by which Mobile Push names an app. Each stands for one instance. */
import type { DocStore } from '../../core/ports.js';
import { auditWrite } from './audit.js';
import { type Actor, createExclusive, type Exclusive } from './context.js';

export const APP_KEYS = 'app-keys';
const COUNTER = { collection: 'counters', key: 'app-key' } as const;
/** Eight digits from the start, as the vendor's are. */
const FIRST = 20_000_001;
const MAX_APP_KEYS = 100_000;

export interface AppKey {
  /** Decimal text. */
  readonly appKey: string;
  readonly instance: string;
}

export interface AppKeys {
  /** The AppKey of an instance; made when it has none. The caller has checked that the instance exists. */
  assign(actor: Actor, instance: string, nowMs: number): Promise<AppKey>;
  list(): Promise<AppKey[]>;
  /** The instance of an AppKey, or null. */
  instanceOf(appKey: string): Promise<string | null>;
}

/** @param exclusive numbers are given out one after the other, on all nodes */
export function createAppKeys(store: DocStore, exclusive: Exclusive = createExclusive()): AppKeys {
  const list = async (): Promise<AppKey[]> =>
    (await store.docs(APP_KEYS, '', MAX_APP_KEYS)).map(({ key, value }) => ({
      appKey: key,
      instance: String(value),
    }));
  return {
    assign: (actor, instance, nowMs) =>
      exclusive(async () => {
        const known = (await list()).find((entry) => entry.instance === instance);
        if (known !== undefined) return known;
        const last = await store.doc(COUNTER.collection, COUNTER.key);
        const number = typeof last === 'number' ? last + 1 : FIRST;
        const appKey = String(number);
        const record = { action: 'appkey.create', instance, object: appKey } as const;
        await store.saveDocs([
          { collection: APP_KEYS, key: appKey, value: instance },
          { ...COUNTER, value: number },
          auditWrite(actor, record, nowMs),
        ]);
        return { appKey, instance };
      }),
    list,
    async instanceOf(appKey) {
      const instance = await store.doc(APP_KEYS, appKey);
      return typeof instance === 'string' ? instance : null;
    },
  };
}
