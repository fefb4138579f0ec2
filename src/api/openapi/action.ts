/**
 * What an action is: name, versions, parameters, and what it does. The table of all is
 * actions/index.ts.
 */

import { type AccessKey, coversAppKey, coversInstance } from '../../admin/service/access-keys.js';
import { StoreUnavailable } from '../../core/ports.js';
import { PushRefusal } from '../../push/codes.js';
import { type Family, type Fields, Refusal } from './families.js';
import { ParameterError, readValues, type Schema, type Values } from './parameters.js';
import type { Bag } from './rpc-request.js';
import type { Services } from './services.js';

export const MPAAS_2019 = '2019-08-21';
export const MPAAS_2020_07 = '2020-07-10';
export const MPAAS_2020_10 = '2020-10-28';
export const MOBILE_PUSH_2015 = '2015-08-27';
export const MPAAS_VERSIONS = [MPAAS_2019, MPAAS_2020_07, MPAAS_2020_10] as const;

export type Version = (typeof MPAAS_VERSIONS)[number] | typeof MOBILE_PUSH_2015;
export const VERSIONS: readonly Version[] = [...MPAAS_VERSIONS, MOBILE_PUSH_2015];

/** A signed call that has passed the gateway. */
export interface Call {
  readonly requestId: string;
  readonly version: Version;
  readonly key: AccessKey;
  /** Wall clock at arrival, ms. */
  readonly wallMs: number;
  readonly services: Services;
  /**
   * The instance that the call names, when the key may act on it.
   *
   * @throws {Refusal} alike when it may not and when there is no such instance
   */
  readonly instance: (workspaceId: string, appId: string) => Promise<string>;
  /** The instance of an AppKey, likewise. */
  readonly appKeyInstance: (appKey: number) => Promise<string>;
}

export interface ActionSpec<S extends Schema> {
  readonly name: string;
  readonly versions: readonly Version[];
  /** What it does, in a sentence. */
  readonly about: string;
  readonly family: Family;
  readonly parameters: S;
  /** Fields of the answer beside the family's own, in words; empty when there are none. */
  readonly answer: string;
  /**
   * Returns what the family's success adds. Without it the action is known but not served.
   *
   * @throws {Refusal} with a result code of the family
   */
  readonly handle?: (values: Values<S>, call: Call) => Promise<Fields>;
}

/** An action as the gateway sees it. */
export interface Action {
  readonly name: string;
  readonly versions: readonly Version[];
  readonly about: string;
  readonly family: Family;
  readonly parameters: Schema;
  readonly answer: string;
  /** Fields of the answer, of a success or of a refusal that is answered with HTTP 200. Null: not served. */
  readonly run: ((bag: Bag, call: CallContext) => Promise<Fields>) | null;
}

/** A call without what depends on the action's family. */
export type CallContext = Omit<Call, 'instance' | 'appKeyInstance'>;

/** An entry of the table. */
export function defineAction<S extends Schema>(spec: ActionSpec<S>): Action {
  const { handle, ...described } = spec;
  if (handle === undefined) return { ...described, run: null };
  return {
    ...described,
    run: async (bag, context) => {
      try {
        const values = readValues(spec.parameters, bag);
        return spec.family.success(await handle(values, bind(spec.family, context)));
      } catch (error) {
        return refusalOf(spec.family, error);
      }
    },
  };
}

function bind(family: Family, context: CallContext): Call {
  const { key, services } = context;
  return {
    ...context,
    instance: async (workspaceId, appId) => {
      const instance = `${workspaceId}_${appId}`;
      const allowed = coversInstance(key.scope, instance) && (await services.apps.has(instance));
      if (!allowed) throw new Refusal(family.denied);
      return instance;
    },
    appKeyInstance: async (appKey) => {
      const allowed = coversAppKey(key.scope, String(appKey));
      const instance = allowed ? await services.apps.ofAppKey(String(appKey)) : null;
      if (instance === null) throw new Refusal(family.denied);
      return instance;
    },
  };
}

/** @throws what is no refusal, and what the family refuses by a gateway error */
function refusalOf(family: Family, error: unknown): Fields {
  if (error instanceof ParameterError) {
    const detail = family.namesParameter ? error.parameter : error.message;
    return family.refusal(error.code === '' ? family.problems[error.problem] : error.code, detail);
  }
  if (error instanceof Refusal || error instanceof PushRefusal) {
    return family.refusal(error.code, error.message);
  }
  if (error instanceof StoreUnavailable) return family.refusal(family.unavailable, '');
  throw error;
}
