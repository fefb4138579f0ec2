/** Counters kept in a document: what the drivers have in common. */

/** By name; safe integers. */
export type Counts = Readonly<Record<string, number>>;

/** The counters of a stored document; empty for none, or for one that holds something else. */
export function countersOf(value: unknown): Counts {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).filter(([, count]) => Number.isSafeInteger(count)));
}

/** @throws {RangeError} for what is no whole number */
export function addTo(counts: Counts, by: Counts): Counts {
  const sum = new Map(Object.entries(counts));
  for (const [name, count] of Object.entries(by)) {
    const added = (sum.get(name) ?? 0) + count;
    if (!Number.isSafeInteger(count) || !Number.isSafeInteger(added)) {
      throw new RangeError(`not a whole number: ${count}`);
    }
    sum.set(name, added);
  }
  return Object.fromEntries(sum);
}
