import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { configKeys } from '../src/config.js';
import { CloseCode, FrameResult, SyncResult } from '../src/core/codes.js';
import {
  environmentReaders,
  forbiddenLines,
  importCycles,
  impurities,
  metricNames,
  missingWords,
  overlong,
  wrongArrows,
} from './tidy/rules.js';
import { parseModule, ROOT, readModules, repositoryFiles } from './tidy/sources.js';

/** Fewer modules than this, and the test has gone blind. Raise it as the project grows. */
const MIN_MODULES = 200;

/** Which folder (or file) directly below src may import which. docs/architecture.md, "Layout". */
const ARROWS = {
  composers: ['main', 'serve', 'processes', 'cli'],
  allowed: {
    core: [],
    wire: ['core'],
    clock: ['core'],
    link: ['core', 'wire'],
    redis: ['core'],
    cluster: ['core', 'redis'],
    store: ['core', 'redis'],
    bus: ['core', 'clock'],
    client: ['core', 'wire'],
    observe: ['config'],
    admin: ['core'],
    channels: [],
    ticker: [],
    push: ['core', 'channels', 'ticker'],
    api: ['core', 'admin', 'push', 'channels', 'config-openapi', 'config-push'],
    config: ['config-schema'],
    'config-schema': [
      'config-cluster',
      'config-fields',
      'config-link',
      'config-openapi',
      'config-push',
      'config-redis',
    ],
    'config-cluster': ['config-fields'],
    'config-openapi': ['config-fields'],
    'config-push': ['config-fields'],
    'config-redis': ['config-fields'],
    'config-link': ['config-fields'],
    'config-fields': [],
    'config-reference': ['config'],
  },
} as const;

const LIMITS = { file: 350, function: 60 };
/** What is longer than the limits, with its lines: may shrink, may not grow. */
const KNOWN_LONG: Readonly<Record<string, number>> = {};

/** Notes to oneself and the paths of one's own machine. */
const FORBIDDEN = [
  /\b(TO[D]O|FIX[M]E|XX[X])\b/,
  /(^|[\s'"`(=:])\/(work|home|root|Users)\/\w/,
  /\.\.\/shared\b|\bshared\/(seeds|spec|design|hooks)\b/,
];
const UNREAD = /^(package-lock\.json|LICENSE|src\/wire\/generated\/.*)$|\.(png|ico|pem|der|bin)$/;

const modules = readModules('src');
function doc(name: string): string {
  return readFileSync(join(ROOT, 'docs', name), 'utf8');
}

t.test('the test sees the sources', async (t) => {
  t.ok(modules.length >= MIN_MODULES, `${modules.length} modules`);
  t.ok(modules.some((module) => module.imports.some((entry) => entry.ours)));
});

t.test('folders import only whom the design lets them', async (t) => {
  t.same(wrongArrows(modules, ARROWS), []);
  const planted = parseModule('src/core/planted.ts', "import { x } from '../wire/frames.js';");
  t.match(wrongArrows([planted], ARROWS), [/planted.ts imports src\/wire\/frames.ts/]);
  const stranger = parseModule('src/elsewhere/planted.ts', '');
  t.match(wrongArrows([stranger], ARROWS), [/no row/]);
});

t.test('there are no import cycles', async (t) => {
  t.same(importCycles(modules), []);
  const planted = [
    parseModule('src/a.ts', "import { b } from './b.js';"),
    parseModule('src/b.ts', "export * from './c.js';"),
    parseModule('src/c.ts', "const a = await import('./a.js');"),
  ];
  t.same(importCycles(planted), ['src/a.ts -> src/b.ts -> src/c.ts -> src/a.ts']);
});

t.test('the core reads no clock, draws no chance, sets no timer and does no input or output', async (t) => {
  const core = modules.filter((module) => module.path.startsWith('src/core/'));
  t.ok(core.length >= 15);
  t.same(impurities(core), []);
  for (const line of [
    'Date.now();',
    'new Date();',
    'performance.now();',
    'process.exit();',
    'setTimeout(() => {}, 1);',
    'Math.random();',
    "import 'node:fs';",
  ])
    t.equal(impurities([parseModule('src/core/planted.ts', line)]).length, 1, line);
  t.same(impurities([parseModule('src/core/planted.ts', 'timers.setTimeout(new Date(5));')]), []);
});

t.test('only the configuration reads the environment', async (t) => {
  t.same(environmentReaders(modules), ['src/config.ts']);
  for (const line of [
    'process.env.X;',
    "process['env'];",
    'const { env } = process;',
    "import 'node:process';",
  ])
    t.same(environmentReaders([parseModule('src/x.ts', line)]), ['src/x.ts'], line);
});

t.test('files and functions stay short', async (t) => {
  t.same(overlong(modules, LIMITS, KNOWN_LONG), []);
  const long = parseModule('src/x.ts', `function long() {\n${'f();\n'.repeat(60)}}\n`);
  t.match(overlong([long], LIMITS, {}), [/long has 62 lines, none listed/]);
  t.same(overlong([long], LIMITS, { 'src/x.ts long': 62 }), []);
  t.match(overlong([], LIMITS, { 'src/x.ts long': 62 }), [/take it off/]);
});

t.test('every configuration key, code and metric stands in the docs', async (t) => {
  const keys = configKeys().map((entry) => entry.key);
  const codes = Object.entries(CloseCode).flatMap(([name, code]) => [name, String(code)]);
  const results = [...Object.keys(SyncResult), ...Object.keys(FrameResult)];
  const metrics = metricNames(modules);
  t.ok(keys.length > 50 && codes.length > 30 && results.length > 10);
  t.ok(metrics.length > 30);
  t.same(missingWords(doc('operations.md'), [...keys, ...metrics]), []);
  t.same(missingWords(doc('protocol.md'), [...codes, ...results]), []);
  const planted = 'The keys are link.heartbeatSec and `drain.overMs`; 4001 HEARTBEAT_TIMEOUT.';
  t.same(
    missingWords(planted, [
      'link.heartbeat',
      'link.heartbeatSec',
      'drain.overMs',
      'overMs',
      '400',
      'HEARTBEAT',
    ]),
    ['link.heartbeat', 'overMs', '400', 'HEARTBEAT'],
  );
  const module = parseModule('src/x.ts', "counter('longlink_planted_total');");
  t.same(metricNames([module]), ['longlink_planted_total']);
});

t.test('the repository holds no notes to oneself and no private paths', async (t) => {
  const files = repositoryFiles().filter((path) => !UNREAD.test(path) && existsSync(join(ROOT, path)));
  t.ok(files.length > 50);
  const found = files.flatMap((path) =>
    forbiddenLines(path, readFileSync(join(ROOT, path), 'utf8'), FORBIDDEN),
  );
  t.same(found, []);
  for (const line of [`// ${'TO'}DO: later`, `see ${'/wor'}k/notes`, `${'../'}shared/x`])
    t.equal(forbiddenLines('planted', line, FORBIDDEN).length, 1, line);
});

t.test('the generated protocol code is what the protocol file generates', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'proto-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  execFileSync('sh', [join(ROOT, 'scripts/generate-proto.sh'), dir], { stdio: 'pipe' });
  const names = readdirSync(join(ROOT, 'src/wire/generated')).sort();
  t.same(readdirSync(dir).sort(), names);
  for (const name of names) {
    const committed = readFileSync(join(ROOT, 'src/wire/generated', name), 'utf8');
    t.equal(readFileSync(join(dir, name), 'utf8') === committed, true, `${name}: run npm run proto`);
  }
});
