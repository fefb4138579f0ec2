/** Changes of documents that are read before they are written, one after the other. */

export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Of this process. */
export function createTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
}
