/** The conservation equation per (instance, bizType), written in the commits that change it. */
import type { Conservation, EndReason } from '../../core/ports.js';
import { readId, writeId } from '../record.js';
import { type Environment, readRange } from './environment.js';
import { behind, counterKey, Meta, metaKey } from './keys.js';

const FIELDS = ['accepted', 'retained', 'expired', 'consumed', 'trimmed', 'revoked', 'deleted'] as const;

export type Counter = { -readonly [K in (typeof FIELDS)[number]]: Conservation[K] };

export interface Counters {
  accepted(instance: number, biz: number): void;
  ended(instance: number, biz: number, reason: EndReason): void;
  /** Writes what changed since the last call. */
  flush(write: (key: Buffer, value: Buffer) => void): void;
  /** Back to what is stored, after a commit that failed. */
  reload(): void;
}

export function encodeCounter(counter: Counter): Buffer {
  const value = Buffer.allocUnsafe(FIELDS.length * 8);
  FIELDS.forEach((field, index) => {
    writeId(value, counter[field], index * 8);
  });
  return value;
}

export function decodeCounter(value: Buffer): Counter {
  const counter = zeroCounter();
  FIELDS.forEach((field, index) => {
    counter[field] = readId(value, index * 8);
  });
  return counter;
}

export function zeroCounter(): Counter {
  return { accepted: 0, retained: 0, expired: 0, consumed: 0, trimmed: 0, revoked: 0, deleted: 0 };
}

/** All stored counters with their numbers. */
export function readCounters(environment: Environment) {
  const prefix = metaKey(Meta.COUNTERS);
  return readRange(environment.meta, prefix, behind(prefix), 0x1_0000_0000).map(({ key, value }) => ({
    instance: key.readUInt32BE(1),
    biz: key.readUInt16BE(5),
    counter: decodeCounter(value),
  }));
}

export function createCounters(environment: Environment): Counters {
  const counters = new Map<number, Counter>();
  const changed = new Set<number>();
  const nameOf = (instance: number, biz: number) => instance * 0x1_0000 + biz;
  const change = (instance: number, biz: number): Counter => {
    const name = nameOf(instance, biz);
    const counter = counters.get(name) ?? zeroCounter();
    counters.set(name, counter);
    changed.add(name);
    return counter;
  };
  const reload = () => {
    counters.clear();
    changed.clear();
    for (const { instance, biz, counter } of readCounters(environment))
      counters.set(nameOf(instance, biz), counter);
  };
  reload();
  return {
    accepted(instance, biz) {
      const counter = change(instance, biz);
      counter.accepted++;
      counter.retained++;
    },
    ended(instance, biz, reason) {
      const counter = change(instance, biz);
      counter.retained--;
      counter[reason]++;
    },
    flush(write) {
      for (const name of changed) {
        const counter = counters.get(name);
        if (counter) write(counterKey(Math.floor(name / 0x1_0000), name % 0x1_0000), encodeCounter(counter));
      }
      changed.clear();
    },
    reload,
  };
}
