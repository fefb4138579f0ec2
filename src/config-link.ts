/** The sections of the configuration that decide how devices are served. */
import Type from 'typebox';
import { flag, integer, section } from './config-fields.js';

/** Limits and timing of device connections. */
export const link = Type.Object(
  {
    maxConnections: integer(
      0,
      0,
      1_000_000,
      'Device connections of one worker. 0: 1,000 below its limit of open files (at least half of it). More are refused with SERVER_FULL.',
    ),
    acceptPerSecond: integer(
      1000,
      1,
      100_000,
      'New connections a second of one worker; bursts of one second. More: ACCEPT_RATE.',
    ),
    connectionsPerAddress: integer(
      1000,
      1,
      1_000_000,
      'Connections of one client address at one worker. More: ADDRESS_LIMIT.',
    ),
    tlsHandshakeTimeoutMs: integer(5000, 100, 120_000, 'Time for the TLS handshake.'),
    leanTls: flag(
      false,
      'Less memory for a TLS connection, above all for one that has ever sent much, for more processor time a handshake and a message (bench/results/README.md).',
    ),
    helloTimeoutMs: integer(10_000, 100, 120_000, 'Time from accept to a whole Hello, TLS included.'),
    maxBytesBeforeHello: integer(4096, 256, 65_536, 'Bytes taken before the Hello is complete.'),
    maxFrameBytes: integer(65_536, 1024, 1_048_576, 'Longest frame that a device may send.'),
    framesPerSecond: integer(50, 1, 10_000, 'Frames a second of one device, averaged over ten seconds.'),
    maxQueuedBytes: integer(
      262_144,
      16_384,
      16_777_216,
      'Unsent bytes of one socket at which the session stops reading the store.',
    ),
    slowReaderTimeoutMs: integer(
      30_000,
      1000,
      600_000,
      'A socket over `maxQueuedBytes` for so long is closed with SLOW_READER.',
    ),
    maxSubscriptions: integer(128, 1, 10_000, 'Sync points in one Hello, and streams of one session.'),
    flapConnectsPerMinute: integer(
      15,
      1,
      10_000,
      'Connects of one device in a minute; more wait (FLAPPING).',
    ),
    heartbeatSec: integer(
      240,
      5,
      3600,
      'Heartbeat told to a device without a wish. A silent link ends after one and a half.',
    ),
    minHeartbeatSec: integer(30, 1, 3600, 'Shortest heartbeat that a device may wish.'),
    maxHeartbeatSec: integer(1200, 5, 7200, 'Longest heartbeat that a device may wish.'),
    retryAfterMinMs: integer(1000, 0, 600_000, 'Lower end of the random delay told to a refused device.'),
    retryAfterMaxMs: integer(30_000, 0, 3_600_000, 'Upper end of it.'),
    tickMs: integer(
      250,
      10,
      1000,
      'Step of the shared timing wheel: the precision of every device deadline.',
    ),
  },
  section,
);

/** Windows, acknowledgements, attempts. */
export const delivery = Type.Object(
  {
    windowRecords: integer(64, 1, 10_000, 'Unacknowledged records of one stream on one connection.'),
    windowBytes: integer(131_072, 4096, 16_777_216, 'Unacknowledged bytes of one stream on one connection.'),
    batchRecords: integer(16, 1, 1000, 'Records in one Sync frame.'),
    batchBytes: integer(
      32_768,
      1024,
      1_048_576,
      'Payload bytes of one Sync frame; a longer record goes alone.',
    ),
    ackTimeoutMs: integer(
      10_000,
      100,
      600_000,
      'Time for the first acknowledgement; doubles with each retransmission.',
    ),
    ackTimeoutMaxMs: integer(
      120_000,
      100,
      3_600_000,
      'Longest time between retransmissions on one connection.',
    ),
    maxAttempts: integer(
      6,
      1,
      100,
      'Counted attempts before a record is a dead letter (docs/protocol.md, "Attempts").',
    ),
    attemptBackoffMs: Type.Array(Type.Integer({ minimum: 0, maximum: 86_400_000 }), {
      default: [0, 60_000, 300_000, 1_800_000, 7_200_000],
      minItems: 1,
      maxItems: 100,
      description:
        'After attempt n, transmissions within the n-th of these times do not count as attempts; the last one repeats.',
    }),
    globalPacePerSecond: integer(
      5000,
      1,
      1_000_000,
      'Sessions a second and worker that immediate global data goes to.',
    ),
    progressFlushMs: integer(
      200,
      0,
      10_000,
      'Longest delay of a write of attempts, of what pushes reached, and of a cursor that decides what is sent. A crash in it costs duplicates, never data.',
    ),
    cursorFlushMs: integer(
      3000,
      0,
      60_000,
      'Longest delay of the other cursors: where the device itself knows how far it is, the cursor is a statistic.',
    ),
    handoverGraceMs: integer(
      2000,
      0,
      60_000,
      'A new single-device feeder waits so long for acknowledgements of the old.',
    ),
    fenceTimeoutMs: integer(
      1000,
      100,
      10_000,
      'A new connection of a device waits so long for the old one to be fenced.',
    ),
    traceSampleRate: Type.Number({
      default: 0,
      minimum: 0,
      maximum: 1,
      description: 'Share of messages whose every step is logged in the timeline.',
    }),
  },
  section,
);
