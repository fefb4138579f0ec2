/** Broadcasts as they are managed: what is known of one, and where a paused one holds its stream. */
import type { Topic } from './catalogue.js';

/** Collection of the documents below, by `instance/task id`. */
export const BROADCASTS = 'push-broadcasts';

export type BroadcastState = 'live' | 'paused' | 'revoked';

export interface BroadcastDocument {
  readonly instance: string;
  readonly taskId: string;
  readonly msgKey: string;
  readonly title: string;
  /** Oplog id of its record. */
  readonly id: number;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly state: BroadcastState;
  /** When its fan-out began, or went on after a pause. */
  readonly sinceMs: number;
}

/**
 * The id from which on a stream stands still, because what has it is paused; Infinity when nothing is.
 * A paused record holds what comes after it: a device gets its stream in order. Its own validity ends
 * the hold.
 */
export function holdFrom(topic: Topic, wallMs: number): number {
  const { holds } = topic.config;
  let from = Number.POSITIVE_INFINITY;
  if (holds === undefined) return from;
  for (const hold of holds) if (wallMs < hold.untilMs) from = Math.min(from, hold.id);
  return from;
}
