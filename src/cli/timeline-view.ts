/** A message's timeline as text, and waiting for its end. */
import { setTimeout as pause } from 'node:timers/promises';
import type { AdminClient } from './admin-client.js';
import { print, time } from './output.js';

/** What `GET …/timeline` answers. */
export interface TimelineAnswer {
  readonly bizType: string;
  readonly linkToken: string;
  readonly id: string;
  readonly thirdMsgId: string;
  readonly expiresMs: number;
  readonly readers: readonly {
    readonly kind: string;
    readonly id: string;
    readonly online: boolean;
    readonly state: string;
    readonly attempts: number;
  }[];
  readonly steps: readonly Step[];
}

interface Step {
  readonly atMs: number;
  readonly what: string;
  readonly reader: string;
  readonly exact: boolean;
  readonly detail: string;
}

export interface MessageName {
  readonly biz: string;
  readonly linkToken: string;
  readonly thirdMsgId?: string | undefined;
  readonly id?: string | undefined;
  readonly devices?: string | undefined;
}

/** @throws {CommandError} when there is no such message */
export async function fetchTimeline(client: AdminClient, name: MessageName): Promise<TimelineAnswer> {
  const query = new URLSearchParams({ bizType: name.biz, linkToken: name.linkToken });
  if (name.thirdMsgId !== undefined) query.set('thirdMsgId', name.thirdMsgId);
  if (name.id !== undefined) query.set('id', name.id);
  if (name.devices !== undefined) query.set('devices', name.devices);
  const path = await client.instancePath(`/timeline?${query}`);
  return (await client.call('GET', path)) as unknown as TimelineAnswer;
}

export function printTimeline(answer: TimelineAnswer): number {
  const target = answer.linkToken === '' ? 'everybody' : answer.linkToken;
  print(
    `${answer.bizType} to ${target}, ${answer.thirdMsgId}, id ${answer.id}, valid to ${time(answer.expiresMs)}`,
  );
  for (const step of answer.steps) print(stepLine(step));
  for (const { kind, id, online, state, attempts } of answer.readers) {
    const tried = attempts > 0 ? `, ${attempts} attempts` : '';
    print(`  ${kind} ${id}: ${state}, ${online ? 'online' : 'away'}${tried}`);
  }
  return 0;
}

function stepLine({ atMs, what, reader, exact, detail }: Step): string {
  return `  ${time(atMs)}${exact ? ' ' : '~'} ${[what, reader, detail].filter((part) => part !== '').join('  ')}`;
}

const POLL_MS = 250;
const ENDED: readonly string[] = ['acked', 'dead', 'filtered', 'expired'];

/**
 * Prints the steps as they come until every reader that is known is through, or the time is over.
 *
 * @returns true when it came to its end with at least one acknowledgement.
 */
export async function followTimeline(
  client: AdminClient,
  name: MessageName,
  forMs: number,
): Promise<boolean> {
  const until = performance.now() + forMs;
  const printed = new Set<string>();
  for (;;) {
    const answer = await fetchTimeline(client, name);
    for (const step of answer.steps) {
      const key = `${step.what} ${step.reader} ${step.what === 'acked' ? '' : step.atMs}`;
      if (!printed.has(key)) print(stepLine(step));
      printed.add(key);
    }
    const { readers } = answer;
    if (readers.length > 0 && readers.every((reader) => ENDED.includes(reader.state))) {
      return readers.some((reader) => reader.state === 'acked');
    }
    if (performance.now() >= until) return false;
    await pause(POLL_MS);
  }
}
