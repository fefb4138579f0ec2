/** Failures that the device lives on with. */

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** For what the next connection makes good. */
export function ignore(): void {}
