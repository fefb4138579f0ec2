/**
 * Every configuration key with its type, limits, default and meaning: the one source of the check at
 * start, of the type `Config` and of the reference in docs/operations.md.
 */
import Type, { type Static } from 'typebox';
import { cluster } from './config-cluster.js';
import { choice, closed, flag, integer, port, section, text } from './config-fields.js';
import { delivery, link } from './config-link.js';
import { openapi } from './config-openapi.js';
import { push } from './config-push.js';
import { redis } from './config-redis.js';

const listener = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 40, description: 'Name in logs and metrics; unique.' }),
    port: Type.Integer({ minimum: 0, maximum: 65_535, description: 'TCP port; 0 takes a free one.' }),
    host: text('127.0.0.1', 'Address to listen on; `0.0.0.0` or `::` for all.'),
    tls: flag(true, 'TLS 1.2 and 1.3. Off only behind a TLS terminator, or on a laptop.'),
    proxyProtocol: flag(
      false,
      'Expect a PROXY protocol v2 header. Only behind a proxy: a client could name any address.',
    ),
  },
  closed,
);

const tls = Type.Object(
  {
    certFile: text(
      '',
      'PEM certificate chain of the TLS listeners (ECDSA P-256 advised). Empty: `<dataDir>/tls/cert.pem`, made on the first run for development.',
    ),
    keyFile: text('', 'PEM private key. Empty: `<dataDir>/tls/key.pem`.'),
    ticketRotationHours: integer(24, 1, 168, 'How often the TLS ticket key shared by the workers changes.'),
  },
  section,
);

const api = Type.Object(
  {
    host: text('127.0.0.1', 'Address of the business HTTP port (`/webapi/sync/*`).'),
    port: port(8080, 'Business HTTP port; 0 takes a free one.'),
    answerTimeoutMs: integer(
      900,
      50,
      60_000,
      'A call whose data is not durable by then is answered SYSTEM_ERROR: the outcome is unknown, and the same thirdMsgId may be sent again.',
    ),
    maxInFlight: integer(
      10_000,
      1,
      1_000_000,
      'Calls that wait for the store at once; more are answered SYSTEM_ERROR at once.',
    ),
  },
  section,
);

const admin = Type.Object(
  {
    host: text('127.0.0.1', 'Address of the admin port. A public one is refused without TLS.'),
    port: port(9000, 'Admin port; 0 takes a free one.'),
    tokenFile: text('', 'File with the bearer token. Empty: `<dataDir>/admin.token`, made on the first run.'),
    auditDays: integer(366, 1, 36_500, 'The record of who changed what is kept for so many days.'),
    certFile: text('', 'PEM certificate of the admin port; empty for plain HTTP on a loopback address.'),
    keyFile: text('', 'PEM private key of the admin port.'),
  },
  section,
);

const limits = Type.Object(
  {
    bizType: integer(30, 1, 200, 'Characters of a bizType.'),
    linkToken: integer(100, 1, 500, 'Characters of a linkToken (user or device id).'),
    payload: integer(4096, 1, 1_048_576, 'Characters (code points) of a text payload.'),
    binaryPayload: integer(4096, 1, 1_398_104, 'Base64 characters of a binary payload.'),
    thirdMsgId: integer(100, 1, 500, 'Characters of a thirdMsgId.'),
    osType: integer(10, 1, 100, 'Characters of an osType.'),
    version: integer(20, 1, 100, 'Characters of an app version.'),
  },
  section,
);

const store = Type.Object(
  {
    driver: choice(
      ['embedded', 'redis'],
      'embedded',
      'Where data is kept: `embedded` is LMDB in `dataDir`, `redis` is the server of the section `redis`.',
    ),
    commitTimeoutMs: integer(
      10_000,
      500,
      120_000,
      'A commit that takes longer is given up, and the control process starts again.',
    ),
    reserveMb: integer(
      128,
      1,
      1_000_000,
      'Free disk space in MiB kept back: with less, data is answered SYSTEM_ERROR; acks and devices may use all but a quarter of it.',
    ),
    sweepEveryMs: integer(1000, 50, 60_000, 'Pause between two steps of the background expiry.'),
    sweepRecords: integer(500, 1, 100_000, 'Records looked at in one step of it.'),
    dueEveryMs: integer(
      1000,
      20,
      10_000,
      'How often data whose time has come (validTimeStart) is looked for.',
    ),
    bindingDays: integer(
      90,
      30,
      36_500,
      "A device that has not come for a user for so many days is no longer listed as the user's.",
    ),
    hardCapPerStream: integer(
      100_000,
      100,
      10_000_000,
      'Records of one stream; at more the oldest are trimmed and counted.',
    ),
  },
  section,
);

const clock = Type.Object(
  {
    maxStepMs: integer(
      60_000,
      1000,
      86_400_000,
      'A larger step of the system clock is held until it is undone or accepted (`longlink clock accept`); expiry pauses.',
    ),
    maxSkewMs: integer(
      600_000,
      0,
      86_400_000,
      'How far clocks may differ: a sync point so far ahead of now still raises the counter, and so does one so far behind it of a stream that is gone.',
    ),
  },
  section,
);

const validation = Type.Object(
  {
    timeoutMs: integer(
      3000,
      100,
      60_000,
      'Time for an answer of the user-consistency endpoint; none means not valid.',
    ),
    cacheMs: integer(60_000, 0, 3_600_000, 'How long an answer is remembered.'),
    cacheSize: integer(100_000, 1, 10_000_000, 'How many answers are remembered.'),
  },
  section,
);

const drain = Type.Object(
  {
    overMs: integer(
      5000,
      0,
      3_600_000,
      'At SIGTERM the devices are sent away, and told when to come back, spread over so long.',
    ),
    limitMs: integer(
      15_000,
      1000,
      3_600_000,
      'Added to `overMs`: after it a process that has not ended is killed.',
    ),
  },
  section,
);

const log = Type.Object(
  {
    level: choice(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
      'info',
      'Least level that is logged.',
    ),
    format: choice(['auto', 'json', 'pretty'], 'auto', '`auto`: pretty on a terminal, else JSON.'),
  },
  section,
);

/** The whole configuration. Every object is closed: an unknown key is refused. */
export const configSchema = Type.Object(
  {
    dataDir: Type.String({
      default: './data',
      minLength: 1,
      description:
        'Directory of the store, secrets and the process sockets; relative to where the server is started. Mode 0700.',
    }),
    workers: integer(-1, -1, 256, 'Link worker processes. -1: one per core. 0: everything in one process.'),
    role: choice(
      ['all', 'link', 'api'],
      'all',
      '`link`: devices only. `api`: the business ports only, no devices. `all`: both. The first two need `store.driver` redis; each has an admin port.',
    ),
    demoInstance: flag(
      false,
      'On an empty store make the instance `default_demo` with three sync configurations, for trying things.',
    ),
    listeners: Type.Array(listener, {
      default: [{ name: 'tls', port: 8443 }],
      maxItems: 32,
      description: 'Device listeners.',
    }),
    tls,
    api,
    openapi,
    push,
    admin,
    link,
    delivery,
    limits,
    store,
    redis,
    cluster,
    clock,
    validation,
    drain,
    log,
  },
  closed,
);

/** The configuration as every part of the server sees it. */
export type Config = Readonly<Static<typeof configSchema>>;
/** One device listener. */
export type ListenerConfig = Static<typeof listener>;
