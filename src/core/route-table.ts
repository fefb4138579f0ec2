/**
 * Who is online where. Pure: it takes what happens and returns what is to be told to whom. It issues
 * the epochs that order the sessions of a device, and names each user's one feeder
 * (delivery rules 15 and 16).
 */
import type { OwnerKind } from './model.js';
import type { Route } from './ports.js';

/** Begin or stop feeding the user's single-device streams under the numbered hand-over. */
export interface FeederAction {
  readonly kind: 'feeder';
  readonly route: Route;
  readonly on: boolean;
  readonly grant: number;
}

/** What the control process is to tell a worker. */
export type RouteAction =
  /** End the session: a newer one of the same device is there. */
  { readonly kind: 'fence'; readonly route: Route } | FeederAction;

interface UserRoutes {
  /** Oldest first, by epoch. */
  routes: Route[];
  feeder: Route | null;
  /** The one asked to let go, until it has or the grace is over. */
  releasing: Route | null;
  grant: number;
  /** Whether one of them may feed at all: on many nodes one has the user's streams at a time. */
  held: boolean;
}

export interface RouteTable {
  readonly byDevice: Map<string, Route>;
  readonly byToken: Map<string, Route>;
  readonly byUser: Map<string, UserRoutes>;
  /** By worker and session number. */
  readonly bySession: Map<string, Route>;
  readonly perInstance: Map<string, Set<Route>>;
  lastEpoch: number;
  lastGrant: number;
  /** False on many nodes, where nobody feeds before `hold` has said so, and until `holdAll`. */
  heldByDefault: boolean;
}

/**
 * @param firstEpoch above every epoch and grant issued before: wall ms x 1000 at the start of the control process.
 * @param isOnly this table has all sessions there are; else `hold` or `holdAll` says whose users it may name feeders for.
 */
export function createRouteTable(firstEpoch: number, isOnly = true): RouteTable {
  return {
    byDevice: new Map(),
    byToken: new Map(),
    byUser: new Map(),
    bySession: new Map(),
    perInstance: new Map(),
    lastEpoch: firstEpoch,
    lastGrant: firstEpoch,
    heldByDefault: isOnly,
  };
}

const key = (instance: string, owner: string): string => `${instance}\0${owner}`;
const sessionKey = (worker: number, session: number): string => `${worker}.${session}`;

/**
 * Registers a session. The older session of the same device is fenced; a session announced anew that
 * is older than the one known is itself the older.
 *
 * @returns the route, or null when a newer session of the device is known; and what to tell.
 */
export function attach(table: RouteTable, request: Route): { route: Route | null; actions: RouteAction[] } {
  const deviceKey = key(request.instance, request.deviceId);
  const current = table.byDevice.get(deviceKey);
  if (current !== undefined && request.epoch !== 0 && current.epoch > request.epoch) {
    return { route: null, actions: [] };
  }
  const actions: RouteAction[] = [];
  if (current !== undefined) {
    const same = current.worker === request.worker && current.session === request.session;
    if (!same) actions.push({ kind: 'fence', route: current });
    forget(table, current);
    const left = dropFromUser(table, current);
    // The user's next device must not feed for the moment until the new session is there.
    if (left !== undefined && current.user !== request.user) actions.push(...arbitrate(table, left));
  }
  table.lastEpoch = Math.max(table.lastEpoch + 1, request.epoch);
  const route: Route = { ...request, epoch: request.epoch === 0 ? table.lastEpoch : request.epoch };
  table.byDevice.set(deviceKey, route);
  table.bySession.set(sessionKey(route.worker, route.session), route);
  if (route.adToken !== '') table.byToken.set(key(route.instance, route.adToken), route);
  setOf(table, route.instance).add(route);
  actions.push(...addToUser(table, route));
  return { route, actions };
}

/** Registers the session under another user, or none. Null when the session is not known any more. */
export function rebind(
  table: RouteTable,
  worker: number,
  session: number,
  user: string,
  bindSeq: number,
): { route: Route | null; actions: RouteAction[] } {
  const old = table.bySession.get(sessionKey(worker, session));
  if (old === undefined) return { route: null, actions: [] };
  const actions = removeFromUser(table, old);
  const route: Route = { ...old, user, bindSeq };
  replace(table, old, route);
  actions.push(...addToUser(table, route));
  return { route, actions };
}

export function setForeground(table: RouteTable, worker: number, session: number, foreground: boolean): void {
  const old = table.bySession.get(sessionKey(worker, session));
  if (old === undefined) return;
  const route: Route = { ...old, foreground };
  replace(table, old, route);
  const user = table.byUser.get(key(old.instance, old.user));
  if (user === undefined) return;
  user.routes = user.routes.map((other) => (other === old ? route : other));
  if (user.feeder === old) user.feeder = route;
  if (user.releasing === old) user.releasing = route;
}

function replace(table: RouteTable, old: Route, route: Route): void {
  table.byDevice.set(key(route.instance, route.deviceId), route);
  table.bySession.set(sessionKey(route.worker, route.session), route);
  if (route.adToken !== '') table.byToken.set(key(route.instance, route.adToken), route);
  const all = setOf(table, route.instance);
  all.delete(old);
  all.add(route);
}

/** The session is over. An unknown one is ignored: its device is elsewhere already. */
export function detach(table: RouteTable, worker: number, session: number): RouteAction[] {
  const route = table.bySession.get(sessionKey(worker, session));
  return route === undefined ? [] : remove(table, route);
}

/** A worker is gone with all its sessions. */
export function detachWorker(table: RouteTable, worker: number): RouteAction[] {
  const actions: RouteAction[] = [];
  for (const route of [...table.bySession.values()]) {
    if (route.worker === worker) actions.push(...remove(table, route));
  }
  return actions.filter((action) => action.route.worker !== worker);
}

function remove(table: RouteTable, route: Route): RouteAction[] {
  forget(table, route);
  return removeFromUser(table, route);
}

function forget(table: RouteTable, route: Route): void {
  table.bySession.delete(sessionKey(route.worker, route.session));
  const deviceKey = key(route.instance, route.deviceId);
  if (table.byDevice.get(deviceKey) === route) table.byDevice.delete(deviceKey);
  const tokenKey = key(route.instance, route.adToken);
  if (table.byToken.get(tokenKey) === route) table.byToken.delete(tokenKey);
  const all = setOf(table, route.instance);
  all.delete(route);
  if (all.size === 0) table.perInstance.delete(route.instance);
}

function setOf(table: RouteTable, instance: string): Set<Route> {
  let set = table.perInstance.get(instance);
  if (set === undefined) {
    set = new Set();
    table.perInstance.set(instance, set);
  }
  return set;
}

// ── One feeder a user ──────────────────────────────────────────────────────────────────────

function addToUser(table: RouteTable, route: Route): RouteAction[] {
  if (route.user === '') return [];
  const userKey = key(route.instance, route.user);
  let user = table.byUser.get(userKey);
  if (user === undefined) {
    user = { routes: [], feeder: null, releasing: null, grant: 0, held: table.heldByDefault };
    table.byUser.set(userKey, user);
  }
  user.routes.push(route);
  user.routes.sort((a, b) => a.epoch - b.epoch);
  return arbitrate(table, user);
}

function removeFromUser(table: RouteTable, route: Route): RouteAction[] {
  const user = dropFromUser(table, route);
  return user === undefined ? [] : arbitrate(table, user);
}

/** Takes the session off its user. @returns the user's other sessions, undefined when there are none. */
function dropFromUser(table: RouteTable, route: Route): UserRoutes | undefined {
  const userKey = key(route.instance, route.user);
  const user = table.byUser.get(userKey);
  if (user === undefined) return undefined;
  user.routes = user.routes.filter((other) => other !== route);
  if (user.feeder === route) user.feeder = null;
  if (user.releasing === route) user.releasing = null;
  if (user.routes.length > 0) return user;
  table.byUser.delete(userKey);
  return undefined;
}

/** The newest session feeds, where one may; the one before it lets go first. */
function arbitrate(table: RouteTable, user: UserRoutes): RouteAction[] {
  const newest = user.held ? (user.routes[user.routes.length - 1] ?? null) : null;
  if (user.feeder === newest || user.releasing !== null) return [];
  const old = user.feeder;
  user.grant = ++table.lastGrant;
  if (old === null) {
    if (newest === null) return [];
    user.feeder = newest;
    return [{ kind: 'feeder', route: newest, on: true, grant: user.grant }];
  }
  user.feeder = null;
  user.releasing = old;
  return [{ kind: 'feeder', route: old, on: false, grant: user.grant }];
}

/** The old feeder has let go, or its grace is over: the newest begins. */
export function released(table: RouteTable, instance: string, user: string, grant: number): RouteAction[] {
  const entry = table.byUser.get(key(instance, user));
  if (entry === undefined || entry.releasing === null || entry.grant !== grant) return [];
  entry.releasing = null;
  return arbitrate(table, entry);
}

/**
 * Whether an action still says what the table says. One that had to wait, for a fence for example, may
 * have been overtaken by a later one: told after it, it would make a second feeder.
 */
export function isCurrent(table: RouteTable, { route, on, grant }: FeederAction): boolean {
  const user = table.byUser.get(key(route.instance, route.user));
  const named = on ? user?.feeder : user?.releasing;
  return user?.grant === grant && named?.worker === route.worker && named.session === route.session;
}

/** Says whether a session of this table may feed the user's streams. Unknown users are ignored. */
export function hold(table: RouteTable, instance: string, user: string, held: boolean): RouteAction[] {
  const entry = table.byUser.get(key(instance, user));
  if (entry === undefined) return [];
  entry.held = held;
  return arbitrate(table, entry);
}

/** From now on this table names the feeders of all users. */
export function holdAll(table: RouteTable): RouteAction[] {
  table.heldByDefault = true;
  return [...table.byUser.values()].flatMap((user) => {
    user.held = true;
    return arbitrate(table, user);
  });
}

/** Nobody here feeds the user's streams, and nobody is still to let go of them. */
export function hasLetGo(table: RouteTable, instance: string, user: string): boolean {
  const entry = table.byUser.get(key(instance, user));
  return entry === undefined || (!entry.held && entry.feeder === null && entry.releasing === null);
}

export function isHeld(table: RouteTable, instance: string, user: string): boolean {
  return table.byUser.get(key(instance, user))?.held ?? false;
}

/** Epoch of the user's newest session, or 0. */
export function newestOf(table: RouteTable, instance: string, user: string): number {
  return table.byUser.get(key(instance, user))?.routes.at(-1)?.epoch ?? 0;
}

// ── Look-ups ───────────────────────────────────────────────────────────────────────────────

/** The live sessions of an owner; none for `g`, which is every session of the instance. */
export function routesOf(
  table: RouteTable,
  instance: string,
  kind: OwnerKind,
  owner: string,
): readonly Route[] {
  switch (kind) {
    case 'u':
      return table.byUser.get(key(instance, owner))?.routes ?? [];
    case 'd':
      return optional(table.byDevice.get(key(instance, owner)));
    case 't':
      return optional(table.byToken.get(key(instance, owner)));
    case 'g':
      return [];
  }
}

function optional(route: Route | undefined): readonly Route[] {
  return route === undefined ? [] : [route];
}

/** The one session that feeds a user's single-device streams, or null. */
export function feederOf(table: RouteTable, instance: string, user: string): Route | null {
  return table.byUser.get(key(instance, user))?.feeder ?? null;
}

export function routeOfSession(table: RouteTable, worker: number, session: number): Route | undefined {
  return table.bySession.get(sessionKey(worker, session));
}

/** All live sessions of an instance. */
export function routesOfInstance(table: RouteTable, instance: string): Iterable<Route> {
  return table.perInstance.get(instance) ?? [];
}
