import t from 'tap';
import { createClock } from '../src/clock.js';

/** A machine whose clocks are set by hand. */
function machine() {
  const state = { wall: 1_800_000_000_000, mono: 5000, boot: 5 };
  return {
    state,
    sources: { wall: () => state.wall, mono: () => state.mono, boot: () => state.boot },
    /** Real time passes. */
    pass(ms: number) {
      state.wall += ms;
      state.mono += ms;
      state.boot += ms / 1000;
    },
  };
}

t.test('the wall clock follows small steps of the system clock, both ways', (t) => {
  const m = machine();
  const clock = createClock({ maxStepMs: 60_000, sources: m.sources });
  m.pass(1000);
  t.same(clock.now(), { wall: 1_800_000_001_000, mono: 6000 });
  m.state.wall += 59_000;
  t.equal(clock.now().wall, 1_800_000_060_000);
  m.state.wall -= 30_000;
  t.equal(clock.now().wall, 1_800_000_030_000);
  t.equal(clock.heldMs(), 0);
  t.end();
});

t.test('a large step is held and time goes on without it, until it is undone', (t) => {
  const m = machine();
  const held: number[] = [];
  const clock = createClock({ maxStepMs: 60_000, sources: m.sources, onHeld: (ms) => held.push(ms) });
  m.state.wall += 31 * 86_400_000;
  m.pass(2000);
  t.equal(clock.now().wall, 1_800_000_002_000);
  m.pass(3000);
  t.equal(clock.now().wall, 1_800_000_005_000);
  t.equal(clock.heldMs(), 31 * 86_400_000);
  m.state.wall -= 31 * 86_400_000 - 10;
  t.equal(clock.now().wall, 1_800_000_005_010);
  t.equal(clock.heldMs(), 0);
  t.same(held, [31 * 86_400_000, 0], 'told once when it began and once when it ended');
  t.end();
});

t.test('a held step is believed when an operator accepts it', (t) => {
  const m = machine();
  const held: number[] = [];
  const clock = createClock({ maxStepMs: 60_000, sources: m.sources, onHeld: (ms) => held.push(ms) });
  m.state.wall -= 7_200_000;
  t.equal(clock.now().wall, 1_800_000_000_000);
  clock.accept();
  t.equal(clock.now().wall, 1_800_000_000_000 - 7_200_000);
  t.equal(clock.heldMs(), 0);
  m.pass(10);
  t.equal(clock.now().wall, 1_800_000_000_010 - 7_200_000);
  t.same(held, [-7_200_000, 0]);
  t.end();
});

t.test('a night of sleep is no step: the boot clock ran on', (t) => {
  const m = machine();
  const clock = createClock({ maxStepMs: 60_000, sources: m.sources });
  m.state.wall += 8 * 3_600_000;
  m.state.boot += 8 * 3600;
  t.equal(clock.now().wall, m.state.wall);
  t.equal(clock.heldMs(), 0);
  m.state.wall += 8 * 3_600_000;
  clock.now();
  t.equal(clock.heldMs(), 8 * 3_600_000, 'the same step without sleep is held');
  t.end();
});

t.test('the system clocks themselves', (t) => {
  const clock = createClock({ maxStepMs: 60_000 });
  const first = clock.now();
  t.ok(Math.abs(first.wall - Date.now()) < 1000);
  t.ok(clock.now().mono >= first.mono);
  t.end();
});
