/** A request that waits for its time, as every driver keeps it. */
import type { AppendRequest } from '../core/ports.js';

/** To be stored as JSON: the body in base64. */
export type WaitingRow = Omit<AppendRequest, 'body'> & { readonly body: string };

export function waitingRow(request: AppendRequest): WaitingRow {
  return { ...request, body: Buffer.from(request.body).toString('base64') };
}

/** The reverse of `waitingRow`, of a value that passed its CRC. */
export function requestOfRow(value: unknown): AppendRequest {
  const row = value as WaitingRow;
  return { ...row, body: Buffer.from(row.body, 'base64') };
}
