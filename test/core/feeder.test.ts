import t from 'tap';
import { createCatalogueView, updateCatalogue } from '../../src/core/catalogue.js';
import { feederReady, startFeeding } from '../../src/core/feeder.js';
import type { Head, Instance, SyncConfig } from '../../src/core/model.js';
import { MAX_RETENTION_MS } from '../../src/core/model.js';
import { createSession, type Session, type SessionIo, setPoint } from '../../src/core/session.js';

const INSTANCE: Instance = {
  key: 'ws_app',
  workspaceId: 'ws',
  appId: 'app',
  signature: false,
  signaturePublicKey: '',
  validateUrl: '',
  validateOperation: '',
  createdMs: 0,
};

const ORDER: SyncConfig = {
  instance: INSTANCE.key,
  biz: 'order',
  slot: 0,
  description: '',
  scope: 'specified',
  object: 'user',
  multiDevice: false,
  persisted: true,
  retentionMs: MAX_RETENTION_MS,
  threshold: null,
  userConsistency: false,
  deliver: 'foreground',
  signature: 'inherit',
  online: true,
  createdMs: 0,
  changedMs: 0,
};

const HEAD: Head = { kind: 'u', owner: 'ann', biz: 'order', last: 30 };

function liveSession(): Session {
  const catalogue = createCatalogueView();
  updateCatalogue(catalogue, { version: 1, instances: [INSTANCE], configs: [ORDER] });
  const view = catalogue.instances.get(INSTANCE.key);
  if (view === undefined) throw new Error('no view');
  const session = createSession(1, view, 0);
  session.phase = 'live';
  session.deviceId = 'phone';
  session.user = 'ann';
  return session;
}

/** Where the session reads next, or null when it has nothing to read. */
function readsAfter(session: Session, acked: number): number | null {
  let after: number | null = null;
  const io = {
    rules: { window: { records: 10, bytes: 1_000 }, batch: { records: 10, bytes: 1_000 } },
    room: () => 1_000,
    read: (_session: Session, _topic: unknown, from: number) => {
      after = from;
    },
    readFeeder() {},
  } as unknown as SessionIo;
  const recent = [[acked, 0] as const];
  const cursor = { kind: 'u', owner: 'ann', biz: 'order', acked, ackedMs: 0, recent } as const;
  const cursors = [{ ...cursor, attempts: 0, nextAttemptMs: 0, attemptOf: 0, suspectTo: 0, dead: [] }];
  startFeeding(session, 7, session.bindSeq, io);
  feederReady(session, 7, { cursors, heads: [HEAD] }, { wall: 0, mono: 0 }, io);
  return after;
}

t.test('a feeder reads after what its user has acknowledged anywhere', async (t) => {
  t.equal(readsAfter(liveSession(), 20), 20);
  t.equal(readsAfter(liveSession(), 30), null);
});

/**
 * A control process that was killed and came back made the same session the feeder again, and the
 * session took the stored cursor, which lacked the acks that had not been written in time: the
 * device got once more what it had acknowledged on the same connection.
 */
t.test('a session that feeds again does not forget what it was acknowledged', async (t) => {
  const session = liveSession();
  setPoint(session, 0, 25);
  t.equal(readsAfter(session, 20), 25);
  const behind = liveSession();
  setPoint(behind, 0, 5);
  t.equal(readsAfter(behind, 20), 20);
});
