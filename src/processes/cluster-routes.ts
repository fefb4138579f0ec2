/**
 * The workers' messages on one node of several: a session is claimed for this node before it is placed
 * in the table, and others hear what became of it. Messages of one session are handled in their order.
 */
import type { Claim, OlderSession } from '../cluster/registry.js';
import { CloseCode } from '../core/codes.js';
import type { AttachRequest, Route, Wake } from '../core/ports.js';
import { attach, detach, detachWorker, rebind, routeOfSession, setForeground } from '../core/route-table.js';
import type { Handling, MessageHandler, RouteMessage } from './control-routes.js';

/** What the routes of a node need of the others; src/processes/control-cluster.ts has it. */
export interface RouteCluster {
  claim(instance: string, deviceId: string, epoch: number): Promise<Claim>;
  /** Ends the device's sessions on other nodes; resolves when they say so, or after the fence time. */
  fenceElsewhere(instance: string, deviceId: string, older: readonly OlderSession[]): Promise<void>;
  release(instance: string, deviceId: string, epoch: number): void;
  userChanged(instance: string, user: string): Promise<void>;
  /** A session was placed that Redis could not be told of. */
  distrust(): void;
  /** @returns how many nodes, or for global data sessions, were told. */
  wake(wake: Wake, nodes: readonly string[]): number;
}

/** A fence may overtake the answer to the claim that it is about. */
const FENCED_FOR_MS = 10_000;

export function createClusterHandler(handling: Handling, cluster: () => RouteCluster): MessageHandler {
  const { options, table, apply } = handling;
  const { bus } = options;
  /** The last of the waiting messages of a session. */
  const tails = new Map<string, Promise<void>>();
  /** Times that a worker has gone: what it asked before is void. */
  const lives = new Map<number, number>();
  const fenced = new Map<string, number>();

  const written = (): Promise<void> => new Promise((resolve) => options.afterWrites(resolve));
  const changed = (instance: string, user: string): void => {
    if (user !== '') cluster().userChanged(instance, user).catch(ignore);
  };
  const fenceHere = (route: Route): Promise<void> => new Promise((resolve) => handling.fence(route, resolve));

  const onAttach = async (worker: number, seq: number, request: AttachRequest): Promise<void> => {
    const life = lives.get(worker);
    const { instance, deviceId, user } = request;
    const refuse = (refused: CloseCode): void =>
      bus().send(worker, { type: 'attached', seq, epoch: 0, refused, retryAfterMs: 0 });
    const claim = await claimFor(cluster(), request);
    if (claim === null) return refuse(CloseCode.UNAVAILABLE);
    if (lives.get(worker) !== life) return cluster().release(instance, deviceId, claim.epoch);
    const isOver = claim.epoch === 0 || (fenced.get(key(instance, deviceId)) ?? 0) >= claim.epoch;
    const placed = isOver ? null : attach(table, { ...request, epoch: claim.epoch, worker });
    if (placed === null || placed.route === null) return refuse(CloseCode.STALE);
    const { route, actions } = placed;
    const older = actions.flatMap((action) => (action.kind === 'fence' ? [action.route] : []));
    await Promise.all([
      cluster().fenceElsewhere(instance, deviceId, claim.older),
      ...older.map((before) => fenceHere(before)),
    ]);
    await written();
    for (const before of older) if (before.user !== user) changed(instance, before.user);
    // Known to every append before the session reads what there is (delivery rule 6).
    const isKnown = user === '' || (await succeeds(cluster().userChanged(instance, user)));
    if (!isKnown && request.epoch === 0) {
      onDetach(worker, route.session);
      return refuse(CloseCode.UNAVAILABLE);
    }
    bus().send(worker, { type: 'attached', seq, epoch: route.epoch, refused: 0, retryAfterMs: 0 });
    apply(actions);
    if (user !== '') options.onUser(route);
  };

  const onRebind = async (
    worker: number,
    message: Extract<RouteMessage, { type: 'rebind' }>,
  ): Promise<void> => {
    await written();
    const before = routeOfSession(table, worker, message.session);
    const { route, actions } = rebind(table, worker, message.session, message.user, message.bindSeq);
    apply(actions);
    if (before !== undefined) changed(before.instance, before.user);
    const isKnown =
      route !== null &&
      (route.user === '' || (await succeeds(cluster().userChanged(route.instance, route.user))));
    bus().send(worker, { type: 'done', seq: message.seq, ok: isKnown });
    if (route !== null && isKnown && route.user !== '') options.onUser(route);
  };

  const onDetach = (worker: number, session: number): void => {
    const route = routeOfSession(table, worker, session);
    apply(detach(table, worker, session));
    if (route !== undefined) tellGone(route);
  };
  const tellGone = (route: Route): void => {
    cluster().release(route.instance, route.deviceId, route.epoch);
    changed(route.instance, route.user);
  };

  const handle = async (worker: number, message: RouteMessage): Promise<void> => {
    switch (message.type) {
      case 'attach':
        return onAttach(worker, message.seq, message.request);
      case 'rebind':
        return onRebind(worker, message);
      case 'detach':
        await written();
        return onDetach(worker, message.session);
      case 'state':
        return setForeground(table, worker, message.session, message.foreground);
      case 'released': {
        await written();
        const route = routeOfSession(table, worker, message.session);
        if (route !== undefined) handling.release(route, message.grant);
      }
    }
  };

  return {
    onMessage(worker, message) {
      const session = message.type === 'attach' ? message.request.session : message.session;
      const id = `${worker}.${session}`;
      const tail = (tails.get(id) ?? Promise.resolve()).then(() => handle(worker, message));
      tails.set(id, tail);
      void tail.finally(() => {
        if (tails.get(id) === tail) tails.delete(id);
      });
    },
    onLeave(worker) {
      lives.set(worker, (lives.get(worker) ?? 0) + 1);
      const gone = [...table.bySession.values()].filter((route) => route.worker === worker);
      apply(detachWorker(table, worker));
      gone.forEach(tellGone);
    },
    async fence(instance, deviceId, epoch) {
      const id = key(instance, deviceId);
      fenced.set(id, Math.max(fenced.get(id) ?? 0, epoch));
      setTimeout(() => fenced.delete(id), FENCED_FOR_MS).unref();
      const route = table.byDevice.get(id);
      if (route === undefined || route.epoch > epoch) return;
      await fenceHere(route);
      await written();
      apply(detach(table, route.worker, route.session));
      changed(route.instance, route.user);
    },
  };
}

/** A session that is there already stays while Redis is away; a new one does not begin. */
async function claimFor(
  cluster: RouteCluster,
  { instance, deviceId, epoch }: AttachRequest,
): Promise<Claim | null> {
  try {
    return await cluster.claim(instance, deviceId, epoch);
  } catch {
    if (epoch === 0) return null;
    cluster.distrust();
    return { epoch, older: [] };
  }
}

async function succeeds(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch {
    return false;
  }
}

const key = (instance: string, deviceId: string): string => `${instance}\0${deviceId}`;
const ignore = (): void => {};
