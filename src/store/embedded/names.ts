/** Instances and bizTypes as the numbers that stand for them in keys. Numbers never change. */
import { type Environment, readRange } from './environment.js';
import { behind, Meta, metaKey } from './keys.js';

export interface Names {
  /** Undefined for a name that no row was ever written under. */
  instance(name: string): number | undefined;
  biz(name: string): number | undefined;
  instanceName(number: number): string;
  bizName(number: number): string;
  /** Gives new names their numbers; `write` must become durable with the rows that use them. */
  internInstance(name: string, write: (key: Buffer, value: Buffer) => void): number;
  internBiz(name: string, write: (key: Buffer, value: Buffer) => void): number;
  /** Forgets what was interned by a commit that failed. */
  reload(): void;
}

interface Dictionary {
  readonly numbers: Map<string, number>;
  readonly names: Map<number, string>;
}

/** @throws {RangeError} from intern… when all numbers are taken: 65,535 bizTypes. */
export function createNames(environment: Environment): Names {
  const instances = createDictionary(environment, Meta.INSTANCE);
  const bizTypes = createDictionary(environment, Meta.BIZ);
  return {
    instance: instances.number,
    biz: bizTypes.number,
    instanceName: instances.name,
    bizName: bizTypes.name,
    internInstance: (name, write) => instances.intern(name, 0xffff_ffff, write),
    internBiz: (name, write) => bizTypes.intern(name, 0xffff, write),
    reload() {
      instances.reload();
      bizTypes.reload();
    },
  };
}

function createDictionary(environment: Environment, table: number) {
  const known: Dictionary = { numbers: new Map(), names: new Map() };
  const learn = (name: string, number: number) => {
    known.numbers.set(name, number);
    known.names.set(number, name);
  };
  const reload = () => {
    known.numbers.clear();
    known.names.clear();
    const prefix = metaKey(table);
    for (const { key, value } of readRange(environment.meta, prefix, behind(prefix), 0x1_0000_0000))
      learn(key.toString('utf8', 1), value.readUInt32BE(0));
  };
  const number = (name: string) => {
    const found = known.numbers.get(name);
    if (found !== undefined) return found;
    const stored = environment.meta.get(metaKey(table, name));
    if (stored === undefined) return undefined;
    learn(name, stored.readUInt32BE(0));
    return stored.readUInt32BE(0);
  };
  const name = (number: number) => {
    if (!known.names.has(number)) reload();
    const found = known.names.get(number);
    if (found === undefined) throw new Error(`the store does not say what number ${number} stands for`);
    return found;
  };
  const intern = (name: string, max: number, write: (key: Buffer, value: Buffer) => void) => {
    const found = known.numbers.get(name);
    if (found !== undefined) return found;
    const next = known.numbers.size + 1;
    if (next > max) throw new RangeError(`no number left for ${name}`);
    const value = Buffer.allocUnsafe(4);
    value.writeUInt32BE(next, 0);
    write(metaKey(table, name), value);
    learn(name, next);
    return next;
  };
  reload();
  return { number, name, intern, reload };
}
