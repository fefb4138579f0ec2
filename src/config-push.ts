/** The section of the configuration for message push. */
import Type, { type Static } from 'typebox';
import { integer, section, text } from './config-fields.js';

/** Scheduled pushes and receipts. */
export const push = Type.Object(
  {
    timeZone: text(
      '',
      'Time zone of looping pushes: whose days and times of day they mean, as in `Asia/Shanghai`. Empty: that of the server.',
    ),
    maxPendingSchedules: integer(
      100,
      1,
      10_000,
      'Scheduled and looping pushes of one instance that may wait; one more is refused.',
    ),
    scheduleGraceMs: integer(
      600_000,
      1000,
      86_400_000,
      'A scheduled push whose time has passed while the server was down is sent if it is late by no more, and still valid; else it is marked as missed.',
    ),
    scheduleEveryMs: integer(1000, 20, 10_000, 'How often is looked for scheduled pushes that are due.'),
    receiptTimeoutMs: integer(5000, 100, 60_000, 'Time for an answer of the address that receipts go to.'),
    receiptConcurrency: integer(4, 1, 100, 'Calls to the address of one instance at once.'),
    receiptAttempts: integer(12, 1, 100, 'Calls for one receipt; then it is given up and listed as dead.'),
    receiptFirstRetryMs: integer(
      1000,
      10,
      3_600_000,
      'Pause after the first failed call; it is doubled with each.',
    ),
    receiptMaxRetryMs: integer(600_000, 10, 86_400_000, 'Longest pause between two calls for one receipt.'),
    maxReceipts: integer(
      50_000,
      100,
      10_000_000,
      'Receipts of one instance that may wait; more are dropped and counted.',
    ),
    receiptSettleMs: integer(
      5000,
      100,
      600_000,
      'After the validity of a push so long is waited for an acknowledgement on its way, before it is taken for not delivered.',
    ),
  },
  section,
);

export type PushConfig = Readonly<Static<typeof push>>;
