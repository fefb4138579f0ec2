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
  },
  section,
);

export type PushConfig = Readonly<Static<typeof push>>;
