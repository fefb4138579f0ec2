import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { checkHistory } from './checker.js';
import { MalformedHistory, parseHistory } from './events.js';
import { playModel } from './model.js';
import { historyNow, openRecorder } from './recorder.js';
import { type Story, tellStory } from './story.js';
import { type CheckOptions, ERROR_KINDS, type ErrorKind } from './verdict.js';
import { within } from './versions.js';

/** Two devices of one user, one of another and one of another tenant, with data of every kind. */
function everyday(): Story {
  const story = tellStory();
  story.cfg('news');
  story.cfg('order', { multi: false });
  story.cfg('box', { dim: 'device' });
  story.cfg('live', { persist: false });
  story.cfg('alert', { kind: 'push', dim: 'device', ordered: false });
  story.cfg('top', { threshold: 2 });
  story.cfg('news', { app: 'other' });
  story.conn('a1', 'phone', 'ann', { sp: { news: 5 } });
  story.conn('a2', 'tablet', 'ann', { os: 'ios', ver: '2.0' });
  story.conn('b1', 'watch', 'bob');
  story.conn('o1', 'stranger', 'ann', { app: 'other' });
  story.send('news', 'ann', 'n1');
  story.take('a1', 'news', 'n1', 11);
  story.take('a2', 'news', 'n1', 11);
  story.send('order', 'ann', 'o1');
  story.take('a2', 'order', 'o1', 21);
  story.send('box', 'watch', 'x1');
  story.take('b1', 'box', 'x1', 31);
  story.send('live', 'bob', 'l1');
  story.take('b1', 'live', 'l1', null);
  story.send('alert', 'watch', 'p1');
  story.take('b1', 'alert', 'p1', 41);
  return story;
}

function takeBoth(story: Story, msg: string, op: number): void {
  story.take('a1', 'news', msg, op);
  story.take('a2', 'news', msg, op);
}

/** A faulty server for each kind of error: what it did after an everyday beginning. */
const PLANTED: Readonly<Record<ErrorKind, (story: Story) => Partial<CheckOptions> | undefined>> = {
  LOST(story) {
    story.send('news', 'ann', 'n2');
    story.take('a1', 'news', 'n2', 12);
    return undefined;
  },
  GHOST(story) {
    story.take('a1', 'news', 'never-sent', 12);
    return undefined;
  },
  ABORTED(story) {
    story.send('news', 'ann', 'n2', 'fail');
    story.take('a1', 'news', 'n2', 12);
    return undefined;
  },
  CORRUPT(story) {
    story.send('news', 'ann', 'n2');
    takeBoth(story, 'n2', 12);
    story.send('news', 'ann', 'n3');
    story.recv('a1', 'news', 'n3', 13, 'h-flipped');
    story.take('a2', 'news', 'n3', 13);
    return undefined;
  },
  DEDUPE_OVERWRITE(story) {
    story.send('news', 'ann', 'n2', 'ok', { h: 'h-first' });
    story.send('news', 'ann', 'n2', 'dup', { h: 'h-second' });
    story.recv('a1', 'news', 'n2', 12, 'h-second');
    story.recv('a2', 'news', 'n2', 12, 'h-first');
    return undefined;
  },
  CROSS_TENANT(story) {
    story.send('news', 'ann', 'n2');
    takeBoth(story, 'n2', 12);
    story.take('o1', 'news', 'n2', 12);
    return undefined;
  },
  CROSS_TARGET(story) {
    story.send('news', 'ann', 'n2');
    takeBoth(story, 'n2', 12);
    story.take('b1', 'news', 'n2', 12);
    return undefined;
  },
  UNREGISTERED_BIZ(story) {
    story.send('nowhere', 'ann', 'n2');
    return undefined;
  },
  EXPIRED(story) {
    story.send('news', 'ann', 'n2', 'ok', { ve: story.now() + 100 });
    story.wait(1_000);
    story.take('a1', 'news', 'n2', 12);
    return undefined;
  },
  EARLY(story) {
    story.send('news', 'ann', 'n2', 'ok', { vs: story.now() + 2_000 });
    takeBoth(story, 'n2', 12);
    story.wait(2_000);
    return undefined;
  },
  FILTER(story) {
    story.send('news', 'ann', 'n2', 'ok', { os: 'ios', min: '1.5' });
    takeBoth(story, 'n2', 12);
    return undefined;
  },
  STORED_NONPERSIST(story) {
    story.send('live', 'bob', 'l2');
    story.wait(1_000);
    story.conn('b2', 'bracelet', 'bob');
    story.take('b2', 'live', 'l2', null);
    return undefined;
  },
  REORDER(story) {
    story.send('news', 'ann', 'n2', null);
    story.send('news', 'ann', 'n3', null);
    story.take('a1', 'news', 'n3', 13);
    story.take('a1', 'news', 'n2', 12);
    return undefined;
  },
  ORDER_RT(story) {
    story.send('news', 'ann', 'n2');
    story.send('news', 'ann', 'n3');
    takeBoth(story, 'n3', 12);
    takeBoth(story, 'n2', 13);
    return undefined;
  },
  ID_REUSE(story) {
    story.send('news', 'ann', 'n2', null);
    story.send('news', 'ann', 'n3', null);
    story.take('a1', 'news', 'n2', 12);
    story.take('a2', 'news', 'n3', 12);
    return undefined;
  },
  DOUBLE_STORE(story) {
    story.send('news', 'ann', 'n2', 'unknown');
    story.send('news', 'ann', 'n2', 'ok');
    takeBoth(story, 'n2', 12);
    takeBoth(story, 'n2', 13);
    return undefined;
  },
  BELOW_SYNC_POINT(story) {
    story.send('news', 'ann', 'n2');
    takeBoth(story, 'n2', 12);
    story.write({ e: 'gone', c: 'a1' });
    story.conn('a3', 'phone', 'ann', { sp: { news: 12 } });
    story.take('a3', 'news', 'n2', 12);
    return undefined;
  },
  DUP_AFTER_ACK(story) {
    story.wait(1_000);
    story.recv('a1', 'news', 'n1', 11);
    return undefined;
  },
  OVER_ATTEMPTS(story) {
    story.send('box', 'phone', 'x2');
    for (let attempt = 0; attempt < 7; attempt += 1) {
      story.recv('a1', 'box', 'x2', 32);
      story.wait(1_000);
    }
    return undefined;
  },
  SINGLE_TWICE(story) {
    story.wait(1_000);
    story.recv('a1', 'order', 'o1', 21);
    return undefined;
  },
  AFTER_REVOKE(story) {
    story.send('alert', 'phone', 'p2');
    story.write({ e: 'revoke', app: 'app', ws: 'ws', biz: 'alert', msg: 'p2' });
    story.wait(1_000);
    story.take('a1', 'alert', 'p2', 42);
    return undefined;
  },
  DROP_UNJUSTIFIED(story) {
    story.send('news', 'ann', 'n2');
    story.take('a1', 'news', 'n2', 12);
    story.write({ e: 'drop', app: 'app', ws: 'ws', biz: 'news', to: 'ann', msg: 'n2', why: 'attempts' });
    return undefined;
  },
  SLOW(story) {
    story.send('news', 'ann', 'n2');
    story.wait(2_000);
    takeBoth(story, 'n2', 12);
    return { maxLatencyMs: 1_000 };
  },
};

t.test('every history of a model that keeps its promises is valid', async (t) => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const verdict = checkHistory(playModel(seed, 150), { strictDup: true });
    if (verdict.valid !== true) t.fail(`seed ${seed}`, { verdict });
  }
  const verdict = checkHistory(playModel(7, 400));
  t.ok(verdict.counts.decided > 300, 'and it is judged, not waved through');
  t.ok(verdict.notErrors.redelivered > 0 && verdict.notErrors.recovered > 0 && verdict.notErrors.excused > 0);
});

t.test('an everyday history is valid', async (t) => {
  t.match(checkHistory(everyday().end()), { valid: true, errors: {}, counts: { accepted: 5, decided: 5 } });
});

for (const kind of ERROR_KINDS) {
  t.test(`a planted fault is called ${kind}, and nothing else`, async (t) => {
    const story = everyday();
    const options = PLANTED[kind](story);
    const verdict = checkHistory(story.end(), options ?? {});
    t.equal(verdict.valid, false);
    t.same(Object.keys(verdict.errors), [kind], JSON.stringify(verdict.errors));
  });
}

t.test('what no answer promised may be lost with its store and stored anew, and only that', async (t) => {
  const twice = (tell: (story: Story) => void): Story => {
    const story = everyday();
    tell(story);
    takeBoth(story, 'n2', 12);
    takeBoth(story, 'n2', 13);
    return story;
  };
  const called = twice((story) => {
    story.send('news', 'ann', 'n2', 'unknown');
    story.send('news', 'ann', 'n2');
  });
  const fellDue = twice((story) => {
    story.send('news', 'ann', 'n2', 'ok', { vs: story.now() + 1_000 });
    story.wait(1_000);
  });
  const answered = twice((story) => story.send('news', 'ann', 'n2'));
  for (const story of [called, fellDue]) {
    const events = story.end();
    t.same(checkHistory(events, { lostTails: true }).errors, {});
    t.match(checkHistory(events).errors, { DOUBLE_STORE: { count: 1 } });
  }
  t.match(checkHistory(answered.end(), { lostTails: true }).errors, { DOUBLE_STORE: { count: 1 } });
});

t.test('a history that proves nothing is unknown', async (t) => {
  const restless = everyday();
  t.match(checkHistory(restless.events).unknownBecause, [/no end/]);

  const silent = tellStory();
  silent.cfg('news');
  silent.conn('a1', 'phone', 'ann');
  t.match(checkHistory(silent.end()), {
    valid: 'unknown',
    unknownBecause: [/nothing was accepted/, /decided/],
  });

  const alone = tellStory();
  alone.cfg('news');
  alone.send('news', 'ann', 'n1');
  t.match(checkHistory(alone.end()), { valid: 'unknown', unknownBecause: [/nothing was decided/] });

  const ill = everyday();
  ill.write({ e: 'fault', name: 'cut', on: true });
  t.match(checkHistory(ill.end()), { valid: 'unknown', unknownBecause: [/never healed/] });

  const hasty = everyday();
  hasty.write({ e: 'end' });
  t.match(checkHistory(hasty.events), { valid: 'unknown', unknownBecause: [/within the drain time/] });

  const partly = everyday();
  partly.send('news', 'nobody', 'n9');
  t.match(checkHistory(partly.end(), { requireDecided: true }), {
    valid: 'unknown',
    notErrors: { undecided: 1 },
  });
});

t.test(
  'a fault may lose an ack and so repeat single-device data, where acks do not survive it',
  async (t) => {
    const struck = (waitMs: number) => {
      const story = everyday();
      story.wait(waitMs);
      story.write({ e: 'fault', name: 'store gone', on: true });
      story.wait(600);
      story.write({ e: 'fault', name: 'store gone', on: false });
      story.recv('a1', 'order', 'o1', 21);
      return story.end();
    };
    t.match(checkHistory(struck(100)), { valid: true, notErrors: { redelivered: 1 } });
    t.match(checkHistory(struck(100), { acksSurvive: true }), { valid: false, errors: { SINGLE_TWICE: {} } });
    t.match(
      checkHistory(struck(1_500)),
      { valid: false, errors: { SINGLE_TWICE: {} } },
      'written long before',
    );
  },
);

t.test('what nobody promised is no loss', async (t) => {
  const story = everyday();
  story.send('news', 'ann', 'filtered', 'ok', { min: '3.0' });
  story.send('news', 'ann', 'expired', 'ok', { ve: story.now() + 100 });
  story.send('top', 'ann', 'passed-over');
  for (const [index, msg] of ['t1', 't2'].entries()) {
    story.send('top', 'ann', msg);
    story.take('a1', 'top', msg, 51 + index);
    story.take('a2', 'top', msg, 51 + index);
  }
  t.match(checkHistory(story.end()), { valid: true, notErrors: { excused: 6 } });
});

t.test('the device that was wiped gets the retained data again, or it is lost', async (t) => {
  const story = everyday();
  story.write({ e: 'gone', c: 'b1' });
  story.write({ e: 'wipe', dev: 'watch' });
  story.conn('b2', 'watch', 'bob');
  const before = story.events.length;
  t.match(checkHistory([...story.events.slice(0, before), { t: story.now() + 4_000, e: 'end' }]), {
    valid: false,
    errors: { LOST: { count: 1 } },
  });
  story.take('b2', 'box', 'x1', 31);
  t.equal(checkHistory(story.end()).valid, true);
});

t.test('a point that moved past a record that never came is a loss', async (t) => {
  const story = everyday();
  story.send('news', 'ann', 'n2');
  story.take('a2', 'news', 'n2', 12);
  story.write({ e: 'gone', c: 'a1' });
  story.conn('a3', 'phone', 'ann', { sp: { news: 12 } });
  t.match(checkHistory(story.end()).errors, { LOST: { count: 1 } });
});

t.test('the data of the user before may arrive until the switch has had time, and not after', async (t) => {
  const story = everyday();
  story.send('news', 'ann', 'n2');
  story.write({ e: 'bind', c: 'a1', user: 'bob' });
  story.take('a2', 'news', 'n2', 12);
  story.recv('a1', 'news', 'n2', 12);
  const calm = checkHistory([...story.events, { t: story.now() + 4_000, e: 'end' }]);
  t.equal(calm.valid, true, JSON.stringify(calm.errors));
  story.wait(600);
  story.recv('a1', 'news', 'n2', 12);
  t.same(Object.keys(checkHistory(story.end()).errors), ['CROSS_TARGET']);
});

t.test('a kill allows one more attempt, and no second', async (t) => {
  const attempts = (count: number): ReturnType<typeof checkHistory> => {
    const story = everyday();
    story.send('box', 'phone', 'x2');
    for (let attempt = 0; attempt < count; attempt += 1) {
      if (attempt === 3) story.write({ e: 'fault', name: 'kill worker', on: true });
      story.recv('a1', 'box', 'x2', 32);
    }
    story.write({ e: 'fault', name: 'kill worker', on: false });
    return checkHistory(story.end());
  };
  t.equal(attempts(7).valid, true);
  t.same(Object.keys(attempts(8).errors), ['OVER_ATTEMPTS']);
});

t.test('a drop is justified by attempts that arrived or died with their connections', async (t) => {
  const dropAfter = (connections: number): ReturnType<Story['end']> => {
    const story = everyday();
    story.send('box', 'phone', 'x2');
    for (let index = 0; index < connections; index += 1) {
      story.write({ e: 'gone', c: index === 0 ? 'a1' : `a1-${index - 1}` });
      story.conn(`a1-${index}`, 'phone', 'ann', { sp: { news: 11 } });
    }
    story.write({ e: 'drop', app: 'app', ws: 'ws', biz: 'box', to: 'phone', msg: 'x2', why: 'attempts' });
    return story.end();
  };
  t.match(checkHistory(dropAfter(6)), { valid: true, notErrors: { excused: 1 } });
  t.same(Object.keys(checkHistory(dropAfter(6), { noAttemptDrops: true }).errors), ['LOST']);
  t.same(Object.keys(checkHistory(dropAfter(5)).errors), ['DROP_UNJUSTIFIED']);
});

t.test('with strict duplicates an acknowledged message may not come on a later connection', async (t) => {
  const story = everyday();
  story.wait(1_000);
  story.write({ e: 'gone', c: 'a1' });
  story.conn('a3', 'phone', 'ann', { sp: { news: 5 } });
  story.recv('a3', 'news', 'n1', 11);
  const events = story.end();
  t.equal(checkHistory(events).valid, true);
  t.same(Object.keys(checkHistory(events, { strictDup: true }).errors), ['DUP_AFTER_ACK']);
});

t.test('a record that an update of the app lets through may come late', async (t) => {
  const story = everyday();
  story.send('news', 'ann', 'n2', 'ok', { min: '1.5' });
  story.take('a2', 'news', 'n2', 12);
  story.send('news', 'ann', 'n3');
  takeBoth(story, 'n3', 13);
  story.write({ e: 'gone', c: 'a1' });
  story.conn('a3', 'phone', 'ann', { ver: '1.5', sp: { news: 13 } });
  story.take('a3', 'news', 'n2', 12);
  const verdict = checkHistory(story.end());
  t.equal(verdict.valid, true, JSON.stringify(verdict.errors));
});

t.test('versions compare part by part', async (t) => {
  t.equal(within('1.10', '1.9', null), true);
  t.equal(within('1.10', null, '1.10.0.0'), true);
  t.equal(within('2', '1.9', '1.99'), false);
  t.equal(within('beta', '1', null), false);
  t.equal(within('beta', null, null), true);
});

t.test('what is not a history is refused', async (t) => {
  const line = '{"t":1,"e":"gone","c":"a1"}';
  t.throws(() => parseHistory([{ name: 'f', text: '{' }]), MalformedHistory);
  t.throws(() => parseHistory([{ name: 'f', text: '{"t":1,"e":"later"}' }]), /f:1/);
  t.throws(() => parseHistory([{ name: 'f', text: '\n{"t":"1","e":"end"}' }]), /f:2/);
  t.throws(() => checkHistory(parseHistory([{ name: 'f', text: line }])), /never opened/);
});

t.test('recorded files are merged by time and judged on the command line', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'history-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const story = everyday();
  const devices = story.end().filter((event) => ['conn', 'recv', 'ack'].includes(event.e));
  const others = story.events.filter((event) => !devices.includes(event));
  const files = [devices, others].map((events, index) => {
    const path = join(dir, `${index}.jsonl`);
    writeFileSync(path, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    return path;
  });
  const tool = fileURLToPath(new URL('./check.js', import.meta.url));
  const run = (paths: readonly string[]): { readonly code: number; readonly out: string } => {
    try {
      return { code: 0, out: execFileSync(process.execPath, [tool, ...paths], { encoding: 'utf8' }) };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { code: status, out: stdout };
    }
  };
  t.match(run(files), { code: 0, out: /"valid": true/ });
  const lossy = join(dir, 'lossy.jsonl');
  writeFileSync(lossy, readFileSync(files[0] ?? '', 'utf8').replace(/.*"recv".*"a2".*"n1".*\n/, ''));
  t.match(run([lossy, files[1] ?? '']), { code: 1, out: /LOST/ });
  t.match(run(files.slice(1)), { code: 2, out: /unknown/ });
});

t.test('the recorder writes the shared clock and survives being read while open', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'history-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'r.jsonl');
  const recorder = openRecorder(path);
  const before = historyNow();
  recorder.write({ e: 'gone', c: 'a1' });
  recorder.flush();
  const [event] = parseHistory([{ name: path, text: readFileSync(path, 'utf8') }]);
  t.ok(event !== undefined && event.t >= before && event.t <= historyNow());
  t.ok(Math.abs(historyNow() - Date.now()) < 5_000);
  recorder.close();
  t.throws(() => recorder.write({ e: 'end' }), /closed/);
});
