/** Dotted version numbers as the filters of the sync API understand them: up to six integers, missing ones 0. */

const PARTS = 6;

function partsOf(version: string): readonly number[] | null {
  const parts = version.split('.');
  if (parts.length > PARTS || parts.some((part) => !/^\d{1,9}$/.test(part))) return null;
  return parts.map(Number);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < PARTS; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** True when `version` lies within the inclusive bounds. What is not a version lies within none. */
export function within(version: string, min: string | null, max: string | null): boolean {
  if (min === null && max === null) return true;
  const parts = partsOf(version);
  if (parts === null) return false;
  const low = min === null ? null : partsOf(min);
  const high = max === null ? null : partsOf(max);
  return (low === null || compare(parts, low) >= 0) && (high === null || compare(parts, high) <= 0);
}
