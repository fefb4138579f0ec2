/**
 * Who is online, in the control process: keeps the route table by what the workers say, and tells
 * them what follows from it. delivery rules 6, 15 and 16.
 */
import type { ToControl } from '../bus/messages.js';
import type { ControlBus, WorkerAnswer } from '../bus/port.js';
import type { CatalogueView } from '../core/catalogue.js';
import { CloseCode } from '../core/codes.js';
import type { StreamKey } from '../core/model.js';
import type { AttachRequest, Now, Route, Wake } from '../core/ports.js';
import {
  attach,
  createRouteTable,
  detach,
  detachWorker,
  feederOf,
  hold,
  holdAll,
  isCurrent,
  isHeld,
  type RouteAction,
  type RouteTable,
  rebind,
  released,
  routeOfSession,
  routesOf,
  setForeground,
} from '../core/route-table.js';
import { createClusterHandler, type RouteCluster } from './cluster-routes.js';

/** Beyond the grace that the worker itself keeps, before a feeder that does not answer is passed over. */
export const RELEASE_SLACK_MS = 1000;
/** Until the workers are back and have handed over what they hold: longer than their longest pause between tries. */
export const SETTLE_MS = 1500;

export interface RoutesOptions {
  readonly bus: () => ControlBus;
  readonly catalogue: CatalogueView;
  readonly now: () => Now;
  /**
   * Runs something when the progress taken so far is durable: whoever takes over a user's streams
   * reads the cursors that the session before has left.
   */
  readonly afterWrites: (run: () => void) => void;
  /** A newer session waits so long for the older one to be fenced. */
  readonly fenceTimeoutMs: number;
  /** A new feeder waits so long for the acknowledgements of the old. */
  readonly handoverGraceMs: number;
  /** How a fence ended; false when the worker did not answer in time. */
  readonly onFence: (confirmed: boolean) => void;
  /** A device is there for a user. */
  readonly onUser: (route: Route) => void;
  /**
   * So long nobody is named a feeder, or 0: the workers of a control that died announce their sessions
   * and hand over what was acknowledged meanwhile, and the first to come need not be the user's newest.
   */
  readonly settleMs: number;
  /** The other nodes; null where there are none. */
  readonly cluster: (() => RouteCluster) | null;
}

export interface ControlRoutes {
  readonly table: RouteTable;
  onLeave(worker: number): void;
  onMessage(worker: number, message: RouteMessage): void;
  /**
   * Tells the live sessions of the stream's owner, and the nodes that may have more of them.
   *
   * @returns how many there are; another node counts as one.
   */
  wake(wake: Wake, nodes: readonly string[]): number;
  /** Tells those of this node: another one has sent it. */
  wakeHere(wake: Wake): void;
  /** Ends the device's session that has this epoch or an older one; resolves when nothing of it is left to be written. */
  fence(instance: string, deviceId: string, epoch: number): Promise<void>;
  /** This node may, or may no more, feed the user's single-device streams. */
  hold(instance: string, user: string, held: boolean): void;
  isOnline(stream: StreamKey): boolean;
  kick(route: Route, code: CloseCode, retryAfterMs: number, redirect: string): void;
  command(route: Route, name: string, body: string): void;
  close(): void;
}

/** What the workers' messages do to the table. */
export type MessageHandler = Pick<ControlRoutes, 'onLeave' | 'onMessage' | 'fence'>;

export type RouteMessage = Extract<
  ToControl,
  { type: 'attach' | 'rebind' | 'detach' | 'state' | 'released' }
>;

export function createRoutes(options: RoutesOptions): ControlRoutes {
  const { bus, now, cluster } = options;
  // Epochs of this life of the process lie above those of any before it.
  const table = createRouteTable(now().wall * 1000, cluster === null && options.settleMs === 0);
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, run: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
  };

  const release = (route: Route, grant: number): void => {
    const { instance, user } = route;
    apply(released(table, instance, user, grant));
    if (cluster !== null && !isHeld(table, instance, user)) {
      cluster().userChanged(instance, user).catch(ignore);
    }
  };

  /** Carries out what still holds, but not the fences, which the caller waits for. */
  const apply = (actions: readonly RouteAction[]): void => {
    for (const action of actions) {
      if (action.kind === 'fence' || !isCurrent(table, action)) continue;
      const { route, on, grant } = action;
      const { session, bindSeq } = route;
      bus().send(route.worker, { type: 'feeder', session, on, grant, bindSeq });
      if (on) continue;
      after(options.handoverGraceMs + RELEASE_SLACK_MS, () => release(route, grant));
    }
  };

  const fence = (route: Route, then: () => void): void => {
    const question = {
      type: 'fence',
      session: route.session,
      epoch: route.epoch,
      code: CloseCode.REPLACED,
    } as const;
    bus().ask(route.worker, question, options.fenceTimeoutMs, (reply: WorkerAnswer | null) => {
      options.onFence(reply !== null);
      then();
    });
  };

  if (cluster === null && options.settleMs > 0)
    after(options.settleMs, () => options.afterWrites(() => apply(holdAll(table))));
  const handling = { options, table, apply, fence, release };
  const handle = cluster === null ? createLocalHandler(handling) : createClusterHandler(handling, cluster);
  return {
    table,
    ...handle,
    wake(wake, nodes) {
      const here = sendWake(table, bus(), options.catalogue, wake);
      return cluster === null ? here : here + cluster().wake(wake, nodes);
    },
    wakeHere: (wake) => void sendWake(table, bus(), options.catalogue, wake),
    hold: (instance, user, held) => apply(hold(table, instance, user, held)),
    isOnline({ instance, kind, owner }) {
      if (kind === 'g') return (table.perInstance.get(instance)?.size ?? 0) > 0;
      return routesOf(table, instance, kind, owner).length > 0;
    },
    kick(route, code, retryAfterMs, redirect) {
      bus().send(route.worker, { type: 'kick', session: route.session, code, retryAfterMs, redirect });
    },
    command(route, name, body) {
      bus().send(route.worker, { type: 'command', session: route.session, name, body });
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

/** What the handlers of messages share. */
export interface Handling {
  readonly options: RoutesOptions;
  readonly table: RouteTable;
  readonly apply: (actions: readonly RouteAction[]) => void;
  readonly fence: (route: Route, then: () => void) => void;
  readonly release: (route: Route, grant: number) => void;
}

/** One node: its table is the whole truth. */
function createLocalHandler({ options, table, apply, fence, release }: Handling): MessageHandler {
  const { bus } = options;
  const onAttach = (worker: number, seq: number, request: AttachRequest): void => {
    const { route, actions } = attach(table, { ...request, worker });
    const answer = (): void => {
      const epoch = route?.epoch ?? 0;
      const refused = route === null ? CloseCode.STALE : 0;
      bus().send(worker, { type: 'attached', seq, epoch, refused, retryAfterMs: 0 });
      // The new session is told that it feeds only when it may read, so after its answer.
      apply(actions);
      if (route !== null && route.user !== '') options.onUser(route);
    };
    const older = actions.find((action) => action.kind === 'fence');
    if (older === undefined) answer();
    else fence(older.route, () => options.afterWrites(answer));
  };

  const onRebind = (worker: number, message: Extract<RouteMessage, { type: 'rebind' }>): void => {
    const { route, actions } = rebind(table, worker, message.session, message.user, message.bindSeq);
    bus().send(worker, { type: 'done', seq: message.seq, ok: route !== null });
    apply(actions);
    if (route !== null && route.user !== '') options.onUser(route);
  };

  return {
    fence: () => Promise.resolve(),
    onLeave: (worker) => apply(detachWorker(table, worker)),
    onMessage(worker, message) {
      switch (message.type) {
        case 'attach':
          onAttach(worker, message.seq, message.request);
          break;
        case 'rebind':
          options.afterWrites(() => onRebind(worker, message));
          break;
        case 'detach':
          options.afterWrites(() => apply(detach(table, worker, message.session)));
          break;
        case 'state':
          setForeground(table, worker, message.session, message.foreground);
          break;
        case 'released':
          options.afterWrites(() => {
            const route = routeOfSession(table, worker, message.session);
            if (route !== undefined) release(route, message.grant);
          });
          break;
      }
    },
  };
}

const ignore = (): void => {};

function sendWake(table: RouteTable, bus: ControlBus, catalogue: CatalogueView, wake: Wake): number {
  const { instance, kind, owner, biz } = wake.stream;
  if (kind === 'g') {
    const online = table.perInstance.get(instance)?.size ?? 0;
    if (online > 0) for (const worker of bus.workers()) bus.send(worker, { type: 'wakeAll', wake });
    return online;
  }
  const routes = routesOf(table, instance, kind, owner);
  const single = routes.length > 0 && catalogue.instances.get(instance)?.byBiz.get(biz)?.userReader;
  const feeder = single ? feederOf(table, instance, owner) : null;
  // In a hand-over there is no feeder: the next one reads the heads when it begins.
  const told = single ? (feeder === null ? [] : [feeder]) : routes;
  const [only] = told;
  // Most owners have one device.
  if (told.length === 1 && only !== undefined)
    bus.send(only.worker, { type: 'wake', sessions: [only.session], wake });
  else for (const [worker, sessions] of byWorker(told)) bus.send(worker, { type: 'wake', sessions, wake });
  return routes.length;
}

function byWorker(routes: readonly Route[]): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const { worker, session } of routes) {
    const sessions = groups.get(worker);
    if (sessions === undefined) groups.set(worker, [session]);
    else sessions.push(session);
  }
  return groups;
}
