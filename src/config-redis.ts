/** The section of the configuration for the connection to Redis or Valkey. */
import Type from 'typebox';
import { choice, flag, integer, section, text } from './config-fields.js';

/** Where Redis is, how it is spoken to, and what it is trusted to keep. */
export const redis = Type.Object(
  {
    mode: choice(
      ['single', 'sentinel', 'cluster'],
      'single',
      'What `redis.nodes` are: one server, the Sentinels of a set, or some nodes of a Cluster.',
    ),
    nodes: Type.Array(Type.String({ minLength: 1, maxLength: 300 }), {
      default: ['127.0.0.1:6379'],
      minItems: 1,
      maxItems: 64,
      description: 'Addresses as `host:port`; an IPv6 host in brackets.',
    }),
    sentinelName: text('longlink', 'Name of the primary as the Sentinels know it.'),
    sentinelPasswordFile: text('', 'File with the password of the Sentinels. Empty: none.'),
    level: choice(
      ['R0', 'R1', 'R2'],
      'R1',
      'What an answer promises (docs/guarantees.md). R0: `appendfsync everysec`. R1: `always`. R2: `always`, and the write has reached all replicas.',
    ),
    replicas: integer(
      1,
      1,
      10,
      'R2: replicas of each primary. All of them must have a write before it is answered.',
    ),
    settingsCheck: choice(
      ['strict', 'alarm'],
      'strict',
      'When the settings of the server do not keep the level. `strict`: no start. `alarm`: logged and counted only.',
    ),
    prefix: text('longlink', 'First part of every key; two deployments on one Redis take different ones.'),
    username: text('', 'ACL user. Empty: the default user.'),
    password: text('', 'Password; better in a file. Never logged.'),
    passwordFile: text('', 'File with the password; one line.'),
    tls: flag(false, 'TLS to Redis and to the Sentinels.'),
    caFile: text('', 'PEM certificates of who signed the server’s. Empty: those the system trusts.'),
    certFile: text('', 'PEM certificate shown to the server. Empty: none.'),
    keyFile: text('', 'PEM private key of it.'),
    connectTimeoutMs: integer(
      10_000,
      100,
      120_000,
      'At the start: how long a Redis that does not answer is tried.',
    ),
    commandTimeoutMs: integer(
      800,
      50,
      60_000,
      'A command that takes longer has an unknown outcome: callers get SYSTEM_ERROR.',
    ),
    maxPending: integer(
      20_000,
      100,
      1_000_000,
      'Commands of one process that may wait for their answers; one more is refused at once.',
    ),
  },
  section,
);

/** What the parts that speak to Redis are given. */
