/** The host's part of a handshake: proves or issues the Ad-token, registers the route, reads the reader's state. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import { rebound, takeBinding } from '../core/binding.js';
import { CloseCode } from '../core/codes.js';
import { bindAtHello, bindingsOf, boundSince, withoutUser, withUser } from '../core/device-bindings.js';
import type { HelloFrame } from '../core/frames.js';
import { opened } from '../core/handshake.js';
import { DAY_MS, type DeviceRecord, type HeadsWanted, type ReaderKey } from '../core/model.js';
import type { Attached, AttachRequest, Now, Routes, Store } from '../core/ports.js';
import type { ReaderState, Session, SessionIo } from '../core/session.js';
import type { Connection } from './connection.js';

/** What a worker needs of the store. Reads are local; the three writes reach the one writer. */
export type WorkerStore = Pick<
  Store,
  'readAfter' | 'newest' | 'heads' | 'cursors' | 'device' | 'saveDevice' | 'saveProgress' | 'raiseFloor'
>;

export interface OpenerOptions {
  readonly store: WorkerStore;
  readonly routes: Routes;
  readonly now: () => Now;
  readonly io: SessionIo;
  readonly log: Logger;
  readonly connections: ReadonlyMap<number, Connection<Session>>;
}

export interface Opener {
  /** Ends in `opened`, or closes the session. */
  open(session: Session, hello: HelloFrame): void;
  /** Ends in `rebound`, or closes the session. */
  rebind(session: Session, request: number): void;
  /** Cursors and heads of the bound user. */
  readUser(session: Session): Promise<ReaderState>;
  /** Writes os, version and user into the device record. */
  saveSeen(session: Session): Promise<void>;
}

/** A device that comes with nothing new has its record written once in so long. */
const SEEN_EVERY_MS = DAY_MS;
const TOKEN_BYTES = 32;
const KEY_BYTES = 32;
const NO_BYTES = new Uint8Array(0);

export function createOpener(options: OpenerOptions): Opener {
  const { store, routes, now, io, log, connections } = options;

  async function openSession(session: Session, hello: HelloFrame): Promise<void> {
    const proven = await prove(session, hello);
    session.adToken = proven.adToken;
    const attached = await new Promise<Attached | null>((resolve) => {
      routes.attach(attachRequest(session, connections.get(session.no)), resolve);
    });
    // Without an answer it may be registered all the same, now or later; the detaching comes after that.
    if (attached === null || (attached.refused === 0 && session.phase !== 'opening'))
      routes.detach(session.no);
    if (session.phase !== 'opening') return;
    if (attached === null) return io.close(session, CloseCode.UNAVAILABLE, 0);
    if (attached.refused !== 0) return io.close(session, attached.refused, attached.retryAfterMs);
    session.epoch = attached.epoch;
    // Registered first, then read: what is appended from here on also comes as a wake-up (delivery rule 6).
    const { cursors, heads } = await readState(session);
    opened(session, { ...proven, cursors, heads }, now(), io);
  }

  /** The device's token when its key proves it; else a new token and key, durable before they are told. */
  async function prove(session: Session, hello: HelloFrame) {
    const instance = session.view.instance.key;
    const known = await store.device(instance, { deviceId: hello.deviceId });
    const { wall } = now();
    const named = hello.userId;
    if (known !== null && known.adToken === hello.adToken && isKey(hello.deviceKey, known.keyHash)) {
      const { record, user, overruled } = bindAtHello(known, named, true, wall);
      const stale = record !== known || wall - known.seenMs > SEEN_EVERY_MS;
      if (stale) await store.saveDevice({ ...record, seenMs: wall });
      takeBinding(session, user, boundSince(record));
      return { adToken: known.adToken, deviceKey: NO_BYTES, known, overruled: overruled ? named : null };
    }
    const deviceKey = randomBytes(KEY_BYTES);
    const fresh: DeviceRecord = {
      instance,
      deviceId: hello.deviceId,
      adToken: randomBytes(TOKEN_BYTES).toString('hex'),
      keyHash: hashOf(deviceKey),
      // What filters were held against last stays until the late records are out (delivery rule 8).
      os: known?.os ?? hello.os,
      appVersion: known?.appVersion ?? hello.appVersion,
      model: hello.model,
      user: known?.user ?? '',
      bindings: known === null ? [] : bindingsOf(known),
      createdMs: known?.createdMs ?? wall,
      seenMs: wall,
    };
    const { record, user } = bindAtHello(fresh, named, false, wall);
    await store.saveDevice(record);
    takeBinding(session, user, boundSince(record));
    return { adToken: record.adToken, deviceKey, known, overruled: null };
  }

  /** Who is bound to the device, as the device says with BindUser and UnbindUser. */
  async function saveBinding(session: Session): Promise<void> {
    const { bindSeq, user } = session;
    const known = await store.device(session.view.instance.key, { deviceId: session.deviceId });
    if (known === null || session.bindSeq !== bindSeq) return;
    const { wall } = now();
    const record = user === '' ? withoutUser(known, wall, 'link') : withUser(known, user, wall, 'link');
    if (record !== known) await store.saveDevice(record);
    session.boundMs = boundSince(record);
  }

  async function readState(session: Session): Promise<ReaderState> {
    const [cursors, heads] = await Promise.all([
      store.cursors(deviceReader(session)),
      store.heads(session.view.instance.key, ownersOf(session)),
    ]);
    return { cursors, heads };
  }

  /** A store that does not answer sends the device away for a while; it comes back with the same points. */
  function giveUp(session: Session, error: unknown): void {
    log.warn({ err: error, device: session.deviceId }, 'store did not answer a handshake');
    io.close(session, CloseCode.UNAVAILABLE, 0);
  }

  return {
    open(session, hello) {
      openSession(session, hello).catch((error: unknown) => giveUp(session, error));
    },
    rebind(session, request) {
      const { bindSeq, user } = session;
      routes.rebind(session.no, user, bindSeq, (ok) => {
        if (session.bindSeq !== bindSeq) return;
        if (!ok) return io.close(session, CloseCode.UNAVAILABLE, 0);
        saveBinding(session)
          .then(() => readState(session))
          .then((state) => rebound(session, bindSeq, request, state, now(), io))
          .catch((error: unknown) => giveUp(session, error));
      });
    },
    async readUser(session) {
      const instance = session.view.instance.key;
      const [cursors, heads] = await Promise.all([
        store.cursors({ instance, kind: 'u', id: session.user }),
        store.heads(instance, [{ kind: 'u', owner: session.user, bizs: session.view.persisted.u }]),
      ]);
      return { cursors, heads };
    },
    async saveSeen(session) {
      const { os, appVersion } = session;
      const known = await store.device(session.view.instance.key, { deviceId: session.deviceId });
      if (known === null) return;
      const user = session.user === '' ? known.user : session.user;
      await store.saveDevice({ ...known, os, appVersion, user, seenMs: now().wall });
    },
  };
}

/** Registers a session again with a route table that has lost it. */
export function announce(
  host: Pick<OpenerOptions, 'connections'> & { readonly options: { readonly routes: Routes } },
  session: Session,
  io: SessionIo,
): void {
  host.options.routes.attach(attachRequest(session, host.connections.get(session.no)), (attached) => {
    if (session.phase === 'ended' || attached === null) return;
    if (attached.refused !== 0) return io.close(session, attached.refused, attached.retryAfterMs);
    session.epoch = attached.epoch;
    if (session.phase === 'live') io.recheck(session, 'check');
  });
}

function attachRequest(session: Session, connection: Connection<Session> | undefined): AttachRequest {
  return {
    session: session.no,
    epoch: session.epoch,
    instance: session.view.instance.key,
    deviceId: session.deviceId,
    adToken: session.adToken,
    user: session.user,
    bindSeq: session.bindSeq,
    foreground: session.foreground,
    os: session.os,
    appVersion: session.appVersion,
    address: connection?.address ?? '',
    connectedMs: connection?.connectedMs ?? 0,
  };
}

function hashOf(key: Uint8Array): Uint8Array {
  return createHash('sha256').update(key).digest();
}

function isKey(key: Uint8Array, keyHash: Uint8Array): boolean {
  return key.length === KEY_BYTES && timingSafeEqual(hashOf(key), keyHash);
}

/** The device as the reader of its own, its user's and the global streams. */
function deviceReader(session: Session): ReaderKey {
  return { instance: session.view.instance.key, kind: 'd', id: session.deviceId };
}

/** Whose streams the session reads, and which of them. */
export function ownersOf(session: Session): HeadsWanted[] {
  const { d, g, t, u } = session.view.persisted;
  const owners: HeadsWanted[] = [];
  if (d.length > 0) owners.push({ kind: 'd', owner: session.deviceId, bizs: d });
  if (g.length > 0) owners.push({ kind: 'g', owner: '', bizs: g });
  if (t.length > 0 && session.adToken !== '') owners.push({ kind: 't', owner: session.adToken, bizs: t });
  if (u.length > 0 && session.user !== '') owners.push({ kind: 'u', owner: session.user, bizs: u });
  return owners;
}
