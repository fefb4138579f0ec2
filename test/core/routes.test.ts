/** Who is online where: epochs, fences, and the one feeder of a user. */
import fc from 'fast-check';
import t from 'tap';
import type { Route } from '../../src/core/ports.js';
import {
  attach,
  createRouteTable,
  detach,
  detachWorker,
  feederOf,
  type RouteAction,
  type RouteTable,
  rebind,
  released,
  routeOfSession,
  routesOf,
  routesOfInstance,
  setForeground,
} from '../../src/core/route-table.js';
import { INSTANCE } from './harness.js';

function route(worker: number, session: number, fields: Partial<Route> = {}): Route {
  return {
    worker,
    session,
    epoch: 0,
    instance: INSTANCE,
    deviceId: `device-${worker}-${session}`,
    adToken: `token-${worker}-${session}`,
    user: '',
    bindSeq: 1,
    foreground: true,
    os: 'ios',
    appVersion: '1',
    address: '',
    connectedMs: 0,
    ...fields,
  };
}

/** `fence 1.2`, `on 1.2 #3`, `off 1.2 #3`. */
function told(actions: readonly RouteAction[]): string[] {
  return actions.map((action) => {
    const name = `${action.route.worker}.${action.route.session}`;
    if (action.kind === 'fence') return `fence ${name}`;
    return `${action.on ? 'on' : 'off'} ${name} #${action.grant}`;
  });
}

/** A user's session on each worker named, oldest first; the newest one feeds. */
function user(table: RouteTable, ...workers: number[]): void {
  for (const worker of workers) {
    const { actions } = attach(table, route(worker, 1, { user: 'u' }));
    for (const action of actions)
      if (action.kind === 'feeder' && !action.on) released(table, INSTANCE, 'u', action.grant);
  }
}

t.test('rule 16: a newer connection of a device fences the older one and has the higher epoch', async (t) => {
  const table = createRouteTable(100);
  const first = attach(table, route(1, 1, { deviceId: 'd' }));
  const second = attach(table, route(2, 7, { deviceId: 'd' }));
  t.same(told(first.actions), []);
  t.same(told(second.actions), ['fence 1.1']);
  t.ok((first.route?.epoch ?? 0) > 100);
  t.ok((second.route?.epoch ?? 0) > (first.route?.epoch ?? 0));
  t.same(
    routesOf(table, INSTANCE, 'd', 'd').map(({ worker }) => worker),
    [2],
  );
  t.same(told(detach(table, 1, 1)), [], 'the end of the fenced one changes nothing');
  t.equal(routesOf(table, INSTANCE, 'd', 'd').length, 1);
});

t.test(
  'rule 16: a worker that announces its sessions anew keeps their epochs and cannot fence newer ones',
  async (t) => {
    const before = createRouteTable(0);
    const old = attach(before, route(1, 1, { deviceId: 'd' })).route;
    const newer = attach(before, route(2, 1, { deviceId: 'd' })).route;
    const table = createRouteTable(1_000_000);
    const back = attach(table, route(2, 1, { deviceId: 'd', epoch: newer?.epoch ?? 0 }));
    t.equal(back.route?.epoch, newer?.epoch);
    t.same(attach(table, route(1, 1, { deviceId: 'd', epoch: old?.epoch ?? 0 })), {
      route: null,
      actions: [],
    });
    t.same(
      routesOf(table, INSTANCE, 'd', 'd').map(({ worker }) => worker),
      [2],
    );

    const other = createRouteTable(1_000_000);
    attach(other, route(1, 1, { deviceId: 'd', epoch: old?.epoch ?? 0 }));
    t.same(told(attach(other, route(2, 1, { deviceId: 'd', epoch: newer?.epoch ?? 0 })).actions), [
      'fence 1.1',
    ]);
    const again = attach(other, route(2, 1, { deviceId: 'd', epoch: newer?.epoch ?? 0 }));
    t.same(told(again.actions), [], 'the same session announced twice is not fenced by itself');
    t.ok((attach(other, route(3, 1)).route?.epoch ?? 0) > 1_000_000);
  },
);

t.test('rule 15: the newest session feeds, after the one before has let go', async (t) => {
  const table = createRouteTable(0);
  t.same(told(attach(table, route(1, 1, { user: 'u' })).actions), ['on 1.1 #1']);
  t.equal(feederOf(table, INSTANCE, 'u')?.worker, 1);
  t.same(told(attach(table, route(2, 1, { user: 'u' })).actions), ['off 1.1 #2']);
  t.equal(feederOf(table, INSTANCE, 'u'), null, 'nobody feeds in between');
  t.same(told(attach(table, route(3, 1, { user: 'u' })).actions), [], 'one hand-over at a time');
  t.same(told(released(table, INSTANCE, 'u', 1)), [], 'an answer to an earlier hand-over');
  t.same(told(released(table, INSTANCE, 'u', 2)), ['on 3.1 #3'], 'the newest of all');
  t.same(told(released(table, INSTANCE, 'u', 2)), [], 'the grace ends after the answer');
  t.equal(feederOf(table, INSTANCE, 'u')?.worker, 3);
});

t.test('rule 15: when the newest leaves, the next newest takes over', async (t) => {
  const table = createRouteTable(0);
  user(table, 1, 2, 3);
  t.match(told(detach(table, 3, 1)), [/^on 2.1/]);
  t.match(told(detach(table, 1, 1)), [], 'another one leaves');
  t.match(told(detach(table, 2, 1)), []);
  t.equal(table.byUser.size, 0);
});

t.test('rule 15: the feeder disconnects in mid hand-over', async (t) => {
  const table = createRouteTable(0);
  user(table, 1);
  attach(table, route(2, 1, { user: 'u' }));
  t.match(told(detach(table, 1, 1)), [/^on 2.1/], 'the one that lets go is gone: no need to wait');
});

t.test('rule 15: the one that is to take over disconnects in mid hand-over', async (t) => {
  const table = createRouteTable(0);
  user(table, 1);
  const { actions } = attach(table, route(2, 1, { user: 'u' }));
  t.same(told(detach(table, 2, 1)), [], 'the old one has been told to stop, and answers first');
  const grant = actions[0]?.kind === 'feeder' ? actions[0].grant : 0;
  t.match(told(released(table, INSTANCE, 'u', grant)), [/^on 1.1/]);
});

t.test(
  'rule 15: a feeder whose device connects anew is replaced without another one feeding in between',
  async (t) => {
    const table = createRouteTable(0);
    attach(table, route(1, 1, { user: 'u', deviceId: 'other' }));
    const before = attach(table, route(1, 2, { user: 'u', deviceId: 'd' })).actions;
    released(table, INSTANCE, 'u', before[0]?.kind === 'feeder' ? before[0].grant : 0);
    t.equal(feederOf(table, INSTANCE, 'u')?.session, 2);
    const { actions } = attach(table, route(2, 9, { user: 'u', deviceId: 'd' }));
    t.match(told(actions), [/^fence 1.2$/, /^on 2.9/]);
  },
);

t.test('a device that comes back with another user leaves its old user to the next device', async (t) => {
  const table = createRouteTable(0);
  attach(table, route(1, 1, { user: 'u', deviceId: 'other' }));
  const off = attach(table, route(1, 2, { user: 'u', deviceId: 'd' })).actions;
  released(table, INSTANCE, 'u', off[0]?.kind === 'feeder' ? off[0].grant : 0);
  const { actions } = attach(table, route(2, 9, { user: 'v', deviceId: 'd' }));
  t.match(told(actions), [/^fence 1.2$/, /^on 1.1/, /^on 2.9/]);
});

t.test('rule 17: a bind moves the session between users, with its bindSeq', async (t) => {
  const table = createRouteTable(0);
  user(table, 1, 2);
  const { route: moved, actions } = rebind(table, 2, 1, 'v', 5);
  t.equal(moved?.bindSeq, 5);
  t.match(told(actions), [/^on 1.1/, /^on 2.1/]);
  t.equal(feederOf(table, INSTANCE, 'v')?.bindSeq, 5);
  t.same(
    routesOf(table, INSTANCE, 'u', 'u').map(({ worker }) => worker),
    [1],
  );
  t.same(rebind(table, 9, 9, 'v', 1), { route: null, actions: [] });
  t.match(told(rebind(table, 1, 1, '', 6).actions), []);
  t.same(routesOf(table, INSTANCE, 'u', 'u'), []);
});

t.test('a worker is lost with all its sessions; users go on elsewhere', async (t) => {
  const table = createRouteTable(0);
  user(table, 1, 2);
  attach(table, route(2, 2, { user: 'u' }));
  attach(table, route(2, 3));
  const actions = detachWorker(table, 2);
  t.match(told(actions), [/^on 1.1/], 'and nothing is told to the dead');
  t.same(
    [...routesOfInstance(table, INSTANCE)].map(({ worker }) => worker),
    [1],
  );
  t.equal(routeOfSession(table, 2, 3), undefined);
  detachWorker(table, 1);
  t.same([table.byDevice.size, table.byToken.size, table.byUser.size, table.perInstance.size], [0, 0, 0, 0]);
});

t.test('look-ups go by device, by token and by user, and follow changes', async (t) => {
  const table = createRouteTable(0);
  attach(table, route(1, 1, { user: 'u', deviceId: 'd', adToken: 'token' }));
  setForeground(table, 1, 1, false);
  setForeground(table, 9, 9, false);
  for (const [kind, owner] of [
    ['d', 'd'],
    ['t', 'token'],
    ['u', 'u'],
  ] as const)
    t.same(
      routesOf(table, INSTANCE, kind, owner).map(({ foreground }) => foreground),
      [false],
      kind,
    );
  t.equal(feederOf(table, INSTANCE, 'u')?.foreground, false);
  t.same(routesOf(table, INSTANCE, 'g', ''), []);
  attach(table, route(1, 2, { deviceId: 'd', adToken: 'fresh' }));
  t.same(routesOf(table, INSTANCE, 't', 'token'), [], 'the old token leads nowhere');
  t.same(routesOf(table, 'other_app', 'd', 'd'), [], 'another tenant');
});

/** Plays the workers: each knows which of its sessions feed, and answers when the schedule lets it. */
t.test(
  'whatever comes and goes, a user never has two feeders, and in the end the newest one feeds',
  async (t) => {
    const events = fc.array(
      fc.record({
        what: fc.constantFrom('attach', 'detach', 'bind', 'release', 'lose'),
        worker: fc.integer({ min: 1, max: 3 }),
        device: fc.nat(3),
        user: fc.constantFrom('', 'u', 'v'),
      }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(events, (list) => {
        const table = createRouteTable(0);
        const feeding = new Set<string>();
        const toRelease: { user: string; grant: number; name: string }[] = [];
        let sessions = 0;
        const apply = (actions: readonly RouteAction[]): void => {
          for (const action of actions) {
            const name = `${action.route.worker}.${action.route.session}`;
            if (action.kind === 'fence') {
              for (const held of [...feeding]) if (held.endsWith(` ${name}`)) feeding.delete(held);
            } else if (action.on) {
              feeding.add(`${action.route.user} ${name}`);
            } else {
              toRelease.push({ user: action.route.user, grant: action.grant, name });
            }
          }
        };
        const gone = (name: string): void => {
          for (const held of [...feeding]) if (held.endsWith(` ${name}`)) feeding.delete(held);
        };
        const release = (): void => {
          const next = toRelease.shift();
          if (next === undefined) return;
          feeding.delete(`${next.user} ${next.name}`);
          apply(released(table, INSTANCE, next.user, next.grant));
        };
        for (const { what, worker, device, user: of } of list) {
          const [current] = routesOf(table, INSTANCE, 'd', `d${device}`);
          if (what === 'attach') {
            const { actions } = attach(
              table,
              route(worker, ++sessions, { deviceId: `d${device}`, user: of }),
            );
            apply(actions);
          } else if (what === 'release') {
            release();
          } else if (what === 'lose') {
            for (const lost of [...table.bySession.values()])
              if (lost.worker === worker) gone(`${worker}.${lost.session}`);
            apply(detachWorker(table, worker));
          } else if (current !== undefined) {
            gone(`${current.worker}.${current.session}`);
            const { worker: on, session } = current;
            apply(what === 'detach' ? detach(table, on, session) : rebind(table, on, session, of, 2).actions);
          }
          for (const name of ['u', 'v'])
            if ([...feeding].filter((held) => held.startsWith(`${name} `)).length > 1)
              throw new Error(`two feeders of ${name}`);
        }
        while (toRelease.length > 0) release();
        for (const name of ['u', 'v']) {
          const newest = routesOf(table, INSTANCE, 'u', name).at(-1);
          const held = [...feeding].filter((entry) => entry.startsWith(`${name} `));
          const expected = newest === undefined ? [] : [`${name} ${newest.worker}.${newest.session}`];
          if (held.join() !== expected.join()) throw new Error(`${name}: ${held} feeds, ${expected} should`);
        }
      }),
      { seed: 1, numRuns: 500 },
    );
    t.pass();
  },
);
