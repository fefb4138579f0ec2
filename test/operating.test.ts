/** The files for operators: whether they speak of what there is. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { checkConfig, configKeys } from '../src/config.js';
import { METRICS, type MetricDefinition } from '../src/observe/metric-catalogue.js';
import { ROWS } from './chaos/table.js';
import { ROOT } from './tidy/sources.js';

function read(...path: string[]): string {
  return readFileSync(join(ROOT, ...path), 'utf8');
}

interface AlertFile {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly for?: string;
      readonly labels: { readonly severity: string };
      readonly annotations: { readonly summary: string; readonly runbook: string };
    }[];
  }[];
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly targets: readonly { readonly refId: string; readonly expr: string }[];
}

const LABELS_OF_PROMETHEUS = ['le', 'quantile', 'job', 'instance'];

/** Metrics and labels of an expression that the server does not have. */
function unknownIn(expression: string): string[] {
  const complaints: string[] = [];
  for (const [, name = '', matchers = ''] of expression.matchAll(/\b(longlink_\w+)(?:\{([^}]*)\})?/g)) {
    const base = name.replace(/_(bucket|sum|count)$/, '');
    const definition = (METRICS as Readonly<Record<string, MetricDefinition>>)[name in METRICS ? name : base];
    if (definition === undefined) {
      complaints.push(name);
      continue;
    }
    for (const [, label = ''] of matchers.matchAll(/(\w+)\s*[=!]/g)) {
      if (!definition.labels.includes(label) && !LABELS_OF_PROMETHEUS.includes(label))
        complaints.push(`${name}{${label}}`);
    }
  }
  const open = [...expression].filter((char) => '([{'.includes(char)).length;
  const closed = [...expression].filter((char) => ')]}'.includes(char)).length;
  if (open !== closed) complaints.push(`brackets of ${expression}`);
  return complaints;
}

/** Anchors of the sections of a page, as they are linked to. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^## (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(' ', '-')
      .replaceAll(/[^\w-]/g, ''),
  );
}

t.test('expressions that name what is not there are seen', async (t) => {
  t.same(unknownIn('rate(longlink_frames_total{direction="in"}[1m])'), []);
  t.same(unknownIn('longlink_append_seconds_bucket{le="1"}'), []);
  t.same(unknownIn('longlink_planted_total'), ['longlink_planted_total']);
  t.same(unknownIn('longlink_frames_total{planted="1"}'), ['longlink_frames_total{planted}']);
  t.equal(unknownIn('rate(longlink_frames_total[1m]').length, 1);
});

t.test('alerts are over metrics that exist, and each has its page in the runbook', async (t) => {
  const { groups } = parse(read('config', 'alerts.yml')) as AlertFile;
  const rules = groups.flatMap((group) => group.rules);
  t.ok(rules.length > 15);
  t.equal(new Set(rules.map((rule) => rule.alert)).size, rules.length, 'names are unique');
  const anchors = anchorsOf(read('docs', 'runbook.md'));
  const named = new Set<string>();
  for (const { alert, expr, labels, annotations } of rules) {
    t.same(unknownIn(expr), [], alert);
    t.match(labels.severity, /^(page|warn)$/, alert);
    t.ok(annotations.summary.length > 10, alert);
    const [page, anchor = ''] = annotations.runbook.split('#');
    t.equal(page, 'docs/runbook.md', alert);
    t.ok(anchors.includes(anchor), `${alert}: ${anchor}`);
    named.add(anchor);
  }
  t.same(
    anchors.filter((anchor) => !named.has(anchor)),
    [],
    'no page without an alert',
  );
});

t.test('the dashboard is over metrics that exist, and its panels do not overlap', async (t) => {
  const { panels } = JSON.parse(read('config', 'grafana', 'longlink.json')) as { panels: Panel[] };
  t.ok(panels.length > 10);
  t.equal(new Set(panels.map((panel) => panel.id)).size, panels.length);
  for (const panel of panels) {
    for (const { expr } of panel.targets) t.same(unknownIn(expr), [], panel.title);
    const over = panels.filter(
      ({ id, gridPos: other }) =>
        id !== panel.id &&
        other.x < panel.gridPos.x + panel.gridPos.w &&
        panel.gridPos.x < other.x + other.w &&
        other.y < panel.gridPos.y + panel.gridPos.h &&
        panel.gridPos.y < other.y + other.h,
    );
    t.same(
      over.map(({ title }) => title),
      [],
      panel.title,
    );
  }
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

t.test('the unit is one that systemd takes', { skip: hasSystemd ? false : 'no systemd here' }, async (t) => {
  const unit = join(ROOT, 'config', 'systemd', 'longlink.service');
  const { stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
  // What other units of this machine lack is not ours, and the program need not be installed here.
  const ours = stderr
    .split('\n')
    .filter((line) => line.includes('longlink') && !line.includes('not executable'));
  t.same(ours, []);
});

t.test('the unit gives the server the time and the files that its configuration asks for', async (t) => {
  const unit = read('config', 'systemd', 'longlink.service');
  const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1] ?? '';
  const config = checkConfig(JSON.parse(read('config', 'production.example.json')));
  const needSec = (config.drain.overMs + 2 * config.drain.limitMs) / 1000;
  t.ok(Number(value('TimeoutStopSec')) > needSec, `more than ${needSec} s`);
  t.ok(config.dataDir === `/var/lib/${value('StateDirectory')}`);
  t.ok(Number(value('LimitNOFILE')) > 1000);
  t.match(value('ExecStart'), /main\.js serve --config \/etc\/longlink\/config\.json$/);
});

t.test(
  'the drop-in for Redis runs the script that mends its file, from where the unit has the program',
  async (t) => {
    const dropIn = read('config', 'systemd', 'redis-server.service.d', 'longlink.conf');
    const [, script = ''] = /^ExecStartPre=\/opt\/longlink\/(\S+) \/var\/lib\/redis$/m.exec(dropIn) ?? [];
    t.match(read('config', 'systemd', 'longlink.service'), /\/opt\/longlink\/build/);
    const { status, stderr } = spawnSync(join(ROOT, script), [], { encoding: 'utf8' });
    t.equal(status, 2);
    t.match(stderr, /usage: mend-aof\.sh DIRECTORY/);
  },
);

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

function instructionsOf(dockerfile: string): Instruction[] {
  return dockerfile
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ name: line.split(' ')[0] ?? '', rest: line.slice(line.indexOf(' ') + 1) }));
}

const KNOWN = 'FROM WORKDIR COPY RUN ENV USER VOLUME EXPOSE STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD'.split(' ');

t.test('the image sets only keys that exist, and shows the ports that it listens on', async (t) => {
  const instructions = instructionsOf(read('config', 'docker', 'Dockerfile'));
  t.same(
    instructions.filter(({ name }) => !KNOWN.includes(name)),
    [],
  );
  const variables = configKeys().map(
    ({ key }) =>
      `LONGLINK_${key
        .replaceAll('.', '_')
        .replaceAll(/([A-Z])/g, '_$1')
        .toUpperCase()}`,
  );
  const set = instructions.filter(({ name }) => name === 'ENV').map(({ rest }) => rest.split('=')[0] ?? '');
  t.same(
    set.filter((name) => name.startsWith('LONGLINK_') && !variables.includes(name)),
    [],
  );
  t.ok(set.length > 3);
  for (const { rest } of instructions.filter(({ name }) => name === 'CMD' || name === 'ENTRYPOINT'))
    t.ok(Array.isArray(JSON.parse(rest)), 'no shell between the signal and the server');
  for (const { rest } of instructions.filter((one) => one.name === 'COPY' && !one.rest.startsWith('--from')))
    t.notMatch(rest, /\.\./);
  const exposed = instructions.find(({ name }) => name === 'EXPOSE')?.rest.split(' ');
  t.same(exposed, ['8443', '8080']);
  t.equal(instructions.filter(({ name }) => name === 'USER').at(-1)?.rest, 'node', 'it is not root');
});

t.test('the compose file builds that image, and waits for its drain', async (t) => {
  const { services, volumes } = parse(read('config', 'docker', 'compose.yaml')) as {
    services: Record<
      string,
      {
        build: { context: string; dockerfile: string };
        ports: string[];
        volumes: string[];
        stop_grace_period: string;
      }
    >;
    volumes: Record<string, unknown>;
  };
  const service = services.longlink;
  t.equal(
    join('config/docker', service?.build.context ?? '', service?.build.dockerfile ?? ''),
    'config/docker/Dockerfile',
  );
  const { drain } = checkConfig({});
  t.ok(Number.parseInt(service?.stop_grace_period ?? '', 10) > (drain.overMs + 2 * drain.limitMs) / 1000);
  for (const mount of service?.volumes ?? []) t.ok((mount.split(':')[0] ?? '') in volumes, mount);
  t.ok(service?.ports.every((port) => /^(127\.0\.0\.1:)?\d+:(8443|8080)$/.test(port)));
});

t.test(
  'every fault of the chaos command says what must hold, and has a bug of its own to be checked by',
  async (t) => {
    t.ok(ROWS.length > 20);
    t.equal(new Set(ROWS.map((row) => row.name)).size, ROWS.length);
    for (const row of ROWS) {
      t.ok(row.what.length > 10 && row.holds.length > 10 && row.stores.length > 0, row.name);
      t.ok(row.plant.seen.source.startsWith('^'), row.name);
    }
  },
);
