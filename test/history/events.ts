/**
 * The history format: what API callers, simulated devices and fault injectors write down, one JSON
 * object per line. Times are milliseconds of one clock shared by every recorder of a machine.
 * An invocation (send, ack) is written before its effect and a completion (ret, recv, conn) after it,
 * so that every uncertainty widens what is allowed and never narrows it.
 */

interface At {
  /** Milliseconds of the shared clock; fractions allowed. */
  readonly t: number;
}

interface Tenant {
  readonly app: string;
  readonly ws: string;
}

/** What a bizType promises; one per bizType, before its first message. */
export interface ConfigEvent extends At, Tenant {
  readonly e: 'cfg';
  readonly biz: string;
  readonly kind: 'sync' | 'push';
  readonly dim: 'user' | 'device';
  readonly scope: 'single' | 'global';
  readonly persist: boolean;
  /** Every device of a user has its own position; false: the newest device gets each message once. */
  readonly multi: boolean;
  readonly threshold: number | null;
  readonly maxAttempts: number;
  readonly ordered: boolean;
  /** Global data also goes to devices that were in the foreground already when it was accepted. */
  readonly liveGlobal: boolean;
}

/** An API call is about to be made. */
export interface SendEvent extends At, Tenant {
  readonly e: 'send';
  /** Unique per call. */
  readonly id: string;
  readonly biz: string;
  /** User or device id; null for everybody. */
  readonly to: string | null;
  readonly msg: string;
  /** Hash of the payload. */
  readonly h: string;
  /** Start and end of validity, wall ms. */
  readonly vs: number | null;
  readonly ve: number | null;
  readonly os: string | null;
  readonly min: string | null;
  readonly max: string | null;
}

/**
 * `ok` stored (or, not persisted, taken); `dup` refused as a repetition; `fail` a code that promises
 * that nothing was stored; `unknown` everything else. A send without a ret is unknown.
 */
export type CallResult = 'ok' | 'dup' | 'fail' | 'unknown';

export interface ReturnEvent extends At {
  readonly e: 'ret';
  readonly id: string;
  readonly r: CallResult;
}

/** A handshake was accepted. */
export interface ConnectEvent extends At, Tenant {
  readonly e: 'conn';
  readonly c: string;
  readonly dev: string;
  readonly user: string | null;
  readonly os: string;
  readonly ver: string;
  /** The sync points that the device sent, by bizType. */
  readonly sp: Readonly<Record<string, number>>;
}

/** The user changed inside a connection. */
export interface BindEvent extends At {
  readonly e: 'bind';
  readonly c: string;
  readonly user: string | null;
}

/** One message arrived, at the frame. `msg` and `h` come from inside the payload. */
export interface ReceiveEvent extends At {
  readonly e: 'recv';
  readonly c: string;
  readonly biz: string;
  readonly msg: string;
  readonly h: string;
  readonly op: number | null;
}

/** The device is about to acknowledge one message. */
export interface AckEvent extends At {
  readonly e: 'ack';
  readonly c: string;
  readonly biz: string;
  readonly msg: string;
}

export interface GoneEvent extends At {
  readonly e: 'gone';
  readonly c: string;
}

/** The device lost its local store. */
export interface WipeEvent extends At {
  readonly e: 'wipe';
  readonly dev: string;
}

/** A loss that the server itself declared. */
export interface DropEvent extends At, Tenant {
  readonly e: 'drop';
  readonly biz: string;
  readonly to: string | null;
  readonly msg: string;
  readonly why: 'attempts' | 'threshold' | 'expired' | 'admin';
}

/** The revocation of a message was answered with success. */
export interface RevokeEvent extends At, Tenant {
  readonly e: 'revoke';
  readonly biz: string;
  readonly msg: string;
}

/** A fault begins or ends. */
export interface FaultEvent extends At {
  readonly e: 'fault';
  readonly name: string;
  readonly on: boolean;
}

/** Everything healed, every device connected, and nothing had arrived for the drain time. */
export interface EndEvent extends At {
  readonly e: 'end';
}

export type HistoryEvent =
  | ConfigEvent
  | SendEvent
  | ReturnEvent
  | ConnectEvent
  | BindEvent
  | ReceiveEvent
  | AckEvent
  | GoneEvent
  | WipeEvent
  | DropEvent
  | RevokeEvent
  | FaultEvent
  | EndEvent;

/** Leaves out `t`: the recorder adds it. */
export type Untimed<E> = E extends HistoryEvent ? Omit<E, 't'> : never;

/** A history that cannot be judged because it is not one. */
export class MalformedHistory extends Error {
  override readonly name = 'MalformedHistory';
}

type Shape = Readonly<Record<string, 's' | 's?' | 'n' | 'n?' | 'b' | 'o'>>;

const SHAPES: Readonly<Record<HistoryEvent['e'], Shape>> = {
  cfg: {
    app: 's',
    ws: 's',
    biz: 's',
    kind: 's',
    dim: 's',
    scope: 's',
    persist: 'b',
    multi: 'b',
    threshold: 'n?',
    maxAttempts: 'n',
    ordered: 'b',
    liveGlobal: 'b',
  },
  send: {
    id: 's',
    app: 's',
    ws: 's',
    biz: 's',
    to: 's?',
    msg: 's',
    h: 's',
    vs: 'n?',
    ve: 'n?',
    os: 's?',
    min: 's?',
    max: 's?',
  },
  ret: { id: 's', r: 's' },
  conn: { c: 's', app: 's', ws: 's', dev: 's', user: 's?', os: 's', ver: 's', sp: 'o' },
  bind: { c: 's', user: 's?' },
  recv: { c: 's', biz: 's', msg: 's', h: 's', op: 'n?' },
  ack: { c: 's', biz: 's', msg: 's' },
  gone: { c: 's' },
  wipe: { dev: 's' },
  drop: { app: 's', ws: 's', biz: 's', to: 's?', msg: 's', why: 's' },
  revoke: { app: 's', ws: 's', biz: 's', msg: 's' },
  fault: { name: 's', on: 'b' },
  end: {},
};

const FITS: Readonly<Record<Shape[string], (value: unknown) => boolean>> = {
  s: (value) => typeof value === 'string',
  's?': (value) => value === null || typeof value === 'string',
  n: (value) => typeof value === 'number' && Number.isFinite(value),
  'n?': (value) => value === null || (typeof value === 'number' && Number.isFinite(value)),
  b: (value) => typeof value === 'boolean',
  o: (value) => typeof value === 'object' && value !== null,
};

function isEvent(value: unknown): value is HistoryEvent {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  const shape = SHAPES[fields.e as HistoryEvent['e']];
  if (shape === undefined || !FITS.n(fields.t)) return false;
  return Object.entries(shape).every(([name, kind]) => FITS[kind](fields[name]));
}

/**
 * Reads files of a history and merges them by time; lines of one file keep their order.
 *
 * @throws {MalformedHistory} naming the file and the line.
 */
export function parseHistory(
  files: readonly { readonly name: string; readonly text: string }[],
): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  for (const { name, text } of files) {
    text.split('\n').forEach((line, index) => {
      if (line.trim() === '') return;
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        throw new MalformedHistory(`${name}:${index + 1}: not JSON`);
      }
      if (!isEvent(value))
        throw new MalformedHistory(`${name}:${index + 1}: not an event: ${line.slice(0, 200)}`);
      events.push(value);
    });
  }
  return events.sort((a, b) => a.t - b.t);
}
