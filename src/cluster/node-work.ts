/** What a node does for and with the others: messages taken, questions asked, sessions compared. */
import type { Route, Wake } from '../core/ports.js';
import type { Channel } from './channel.js';
import type { Member } from './member.js';
import type { NodeMessage, NodeQuestion } from './messages.js';
import type { ClusterHost, ClusterNode, ClusterNodeOptions } from './node.js';
import type { OlderSession, Registry } from './registry.js';

/** Sessions that are compared with Redis at once. */
const COMPARE_AT_ONCE = 200;
const ANSWER_MS = 1000;

export interface Receivers {
  readonly host: ClusterHost;
  readonly channel: Channel;
  readonly registry: Registry;
  readonly questions: ReturnType<typeof createOpenQuestions>;
  readonly onError: (error: unknown) => void;
}

export function receive(
  message: NodeMessage,
  { host, channel, registry, questions, onError }: Receivers,
): void {
  switch (message.type) {
    case 'wake':
      host.wake(message.wake);
      break;
    case 'fence': {
      const { instance, deviceId, epoch, from, seq } = message;
      host
        .fence(instance, deviceId, epoch)
        .then(() => channel.send(from, { type: 'fenced', seq }))
        .catch(onError);
      break;
    }
    case 'feeder':
      registry.userChanged(message.instance, message.user).catch(() => {});
      break;
    case 'changed':
      host.changed();
      break;
    case 'kick':
      host.kick(message.route, message.code, message.retryAfterMs, message.redirect);
      break;
    case 'drain':
      host.drain(message.overMs, message.redirect);
      break;
    case 'ask': {
      const { seq, from, question } = message;
      channel.send(from, { type: 'answer', seq, routes: host.answer(question) });
      break;
    }
    case 'fenced':
      questions.settle(message.seq, []);
      break;
    case 'answer':
      questions.settle(message.seq, message.routes);
  }
}

export function wakeOthers(
  wake: Wake,
  members: readonly string[],
  self: string,
  member: Member,
  channel: Channel,
): number {
  const message = { type: 'wake', wake } as const;
  let told = 0;
  if (wake.stream.kind === 'g') {
    for (const live of member.live()) {
      if (live.member === self || live.role === 'api') continue;
      channel.send(live.member, message);
      told += live.instances[wake.stream.instance] ?? 0;
    }
    return told;
  }
  for (const name of members) {
    if (name === self || member.isGone(name)) continue;
    // One that is not on the list may have come back a moment ago.
    channel.send(name, message);
    if (member.mayBeLive(name)) told += 1;
  }
  return told;
}

export async function askAll(
  members: readonly string[],
  self: string,
  { channel, questions }: Pick<Receivers, 'channel' | 'questions'>,
  question: NodeQuestion,
): Promise<Route[]> {
  const answers = members.map((to) =>
    questions.ask(ANSWER_MS, (seq) => channel.send(to, { type: 'ask', seq, from: self, question })),
  );
  const found = await Promise.all(answers);
  return found.flatMap((routes, at) =>
    (routes ?? []).map((route) => ({ ...route, node: members[at] ?? '' })),
  );
}

export async function fenceOthers(
  device: { readonly instance: string; readonly deviceId: string; readonly from: string },
  older: readonly OlderSession[],
  {
    channel,
    questions,
    options,
  }: Pick<Receivers, 'channel' | 'questions'> & { readonly options: ClusterNodeOptions },
): Promise<void> {
  const fences = older.map(async ({ member: to, epoch, isAlive }) => {
    const answer = questions.ask(options.fenceTimeoutMs, (seq) => {
      channel.post(to, { type: 'fence', ...device, epoch, seq }).catch(options.onError);
    });
    // One without a lease sends nothing; it hears of this before it has one again.
    if (isAlive) options.onFence((await answer) !== null);
  });
  await Promise.all(fences);
}

/** Claims every session again; those that were replaced meanwhile end. Then the users. */
export async function compare(node: ClusterNode, host: ClusterHost): Promise<void> {
  const group: Promise<void>[] = [];
  for (const route of [...host.sessions()]) {
    group.push(compareOne(node, host, route));
    if (group.length === COMPARE_AT_ONCE) await Promise.all(group.splice(0));
  }
  await Promise.all(group);
  await compareUsers(node, host, false);
}

async function compareOne(node: ClusterNode, host: ClusterHost, route: Route): Promise<void> {
  const { instance, deviceId, epoch } = route;
  const claim = await node.claim(instance, deviceId, epoch);
  if (claim.epoch === 0) await host.fence(instance, deviceId, epoch);
  else if (claim.older.length > 0) await node.fenceElsewhere(instance, deviceId, claim.older);
}

/** @param waitingOnly those whose streams another node may have had; failures are left to the next time. */
export async function compareUsers(
  node: ClusterNode,
  host: ClusterHost,
  waitingOnly: boolean,
): Promise<void> {
  const users = new Map<string, Route>();
  for (const route of host.sessions())
    if (route.user !== '') users.set(`${route.instance}\0${route.user}`, route);
  const work: Promise<void>[] = [];
  for (const { instance, user } of users.values()) {
    if (waitingOnly && host.local.isHeld(instance, user)) continue;
    const written = node.userChanged(instance, user);
    work.push(waitingOnly ? written.catch(() => {}) : written);
    if (work.length === COMPARE_AT_ONCE) await Promise.all(work.splice(0));
  }
  await Promise.all(work);
}

/** Questions to other nodes; null when no answer came in time. */
export function createOpenQuestions() {
  const open = new Map<number, { readonly settle: (routes: readonly Route[] | null) => void }>();
  let last = 0;
  return {
    ask(timeoutMs: number, send: (seq: number) => void): Promise<readonly Route[] | null> {
      last += 1;
      const seq = last;
      return new Promise((resolve) => {
        const timer = setTimeout(() => settle(null), timeoutMs);
        const settle = (routes: readonly Route[] | null): void => {
          clearTimeout(timer);
          open.delete(seq);
          resolve(routes);
        };
        open.set(seq, { settle });
        send(seq);
      });
    },
    settle(seq: number, routes: readonly Route[]): void {
      open.get(seq)?.settle(routes);
    },
    close(): void {
      for (const { settle } of [...open.values()]) settle(null);
    },
  };
}
