/** The signed APIs put together: keys, gateway, services and their port. */
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { Fleet } from '../../admin/options.js';
import { type AccessKeys, createAccessKeys } from '../../admin/service/access-keys.js';
import { type AppKeys, createAppKeys } from '../../admin/service/app-keys.js';
import { findInstance } from '../../admin/service/catalogue.js';
import type { Send, ServiceContext } from '../../admin/service/context.js';
import { createSealer, loadMasterKey } from '../../admin/service/master-key.js';
import { ensurePushConfigurations } from '../../admin/service/push-configurations.js';
import type { Channels } from '../../channels/port.js';
import type { OpenApiConfig } from '../../config-openapi.js';
import type { PushConfig } from '../../config-push.js';
import { CloseCode } from '../../core/codes.js';
import { type Aliases, createAliases } from '../../push/aliases.js';
import type { Analysis } from '../../push/analysis/index.js';
import { createAnalysisQueries } from '../../push/analysis/queries.js';
import { type ChannelEnd, createChannelSending } from '../../push/channel-sending.js';
import { createDeviceBinder } from '../../push/device-bindings.js';
import type { DeviceTokens } from '../../push/device-tokens.js';
import { createMobilePush, type MobileOptions } from '../../push/mobile.js';
import { createPush, type PushOptions } from '../../push/push.js';
import { createRevoker, type Revoker, type RevokerOptions } from '../../push/revoke.js';
import { type Scheduling, type SchedulingEvents, startScheduling } from '../../push/schedules/index.js';
import { switchedPush } from '../../push/switch.js';
import { createTags, type Tags } from '../../push/tags.js';
import { createTemplates } from '../../push/templates.js';
import { ACTIONS } from './actions/index.js';
import { createDeviceDirectory } from './device-directory.js';
import { type CallRecord, createGateway } from './gateway.js';
import { type NonceStore, NoncesUnavailable, openNonces } from './nonces.js';
import { createOpenApiServer, DEFAULT_SERVER_LIMITS } from './server.js';
import type { DeviceDirectory, Services } from './services.js';
import { createSyncService } from './sync-service.js';
import { createThrottle } from './throttle.js';

export interface OpenApiOptions {
  readonly config: OpenApiConfig;
  readonly push: PushConfig;
  /** Whether an instance takes pushes. */
  readonly isPushOpen: (instance: string) => boolean;
  /** Told of scheduled pushes whose time has come. */
  readonly onSchedule: SchedulingEvents['onResult'];
  /** File of the key that seals access key secrets. */
  readonly secretKeyFile: string;
  readonly service: ServiceContext;
  readonly fleet: Pick<Fleet, 'find' | 'kick'>;
  /** Delivery's `send`, bound. */
  readonly send: Send;
  /** core/revocation.ts, bound. */
  readonly revoke: RevokerOptions['revoke'];
  readonly analysis: Analysis & { readonly tokens: DeviceTokens };
  /** Ways to devices that have no connection of their own. */
  readonly channels: Channels;
  /** Told how pushes to such devices ended. */
  readonly onChannelEnd: (end: ChannelEnd) => Promise<void>;
  readonly log: Logger;
  /** Used nonces, shared by all nodes; on one node it keeps its own. */
  readonly nonces?: NonceStore | undefined;
  /** Counts calls. */
  readonly onCall?: (call: CallRecord) => void;
}

export interface OpenApi {
  /** For the admin port. */
  readonly accessKeys: AccessKeys;
  readonly appKeys: AppKeys;
  readonly revoker: Revoker;
  listen(): Promise<AddressInfo>;
  /** Resolves when the calls in progress are answered and what was noted is written. */
  close(): Promise<void>;
}

/** A device whose user a back end has changed comes back so soon. */
const RECONNECT_AFTER_MS = 1;

/** Used nonces and the times of last use are written so soon after a call. */
const FLUSH_AFTER_MS = 250;

/** @throws {MasterKeyError} when the file of the sealing key cannot be used */
export async function createOpenApi(options: OpenApiOptions): Promise<OpenApi> {
  const { config, service, log } = options;
  const { store, clock } = service;
  const now = (): number => clock().wall;
  const sealer = createSealer(await loadMasterKey(options.secretKeyFile));
  const accessKeys = createAccessKeys(store, sealer, now, service.turns('access-keys'));
  const appKeys = createAppKeys(store, service.turns('app-keys'));
  const own = options.nonces === undefined ? await openNonces(store, config.nonces, now) : null;
  const known = own ?? sharedNonces(options.nonces);
  const flushing = createFlushing(async () => {
    await Promise.all([accessKeys.flush(), own?.flush()]);
  }, log);
  const { services, scheduling } = createServices(options, appKeys);
  const gateway = createGateway({
    actions: ACTIONS,
    keys: accessKeys,
    nonces: {
      use(...mark) {
        flushing.soon();
        return known.use(...mark);
      },
    },
    throttle: createThrottle({ perSecond: config.callsPerSecond, burst: config.burst }, () => clock().mono),
    services,
    now,
    hostId: 'longlink',
    onCall: options.onCall ?? (() => undefined),
    onFailure: (error, requestId) => log.error({ err: error, requestId }, 'signed call failed'),
  });
  const server = createOpenApiServer(gateway, { ...DEFAULT_SERVER_LIMITS, ...config });
  return {
    accessKeys,
    appKeys,
    revoker: services.revoker,
    listen: () => server.listen(config.host, config.port),
    async close() {
      await server.close();
      await scheduling.stop();
      await flushing.stop();
    },
  };
}

/** A call whose nonce cannot be marked is refused: it may have been used. */
function sharedNonces(shared: NonceStore | undefined): NonceStore {
  return {
    async use(keyId, nonce, untilMs) {
      if (shared === undefined) throw new NoncesUnavailable('there is no memory of nonces');
      try {
        return await shared.use(keyId, nonce, untilMs);
      } catch (error) {
        throw new NoncesUnavailable(`Redis: ${(error as Error).message}`);
      }
    },
  };
}

/** What the actions call, and the work by the clock behind it. */
function createServices(
  options: OpenApiOptions,
  appKeys: AppKeys,
): { readonly services: Services; readonly scheduling: Scheduling } {
  const { service, send, log } = options;
  const { store, clock } = service;
  const now = (): number => clock().wall;
  const devices = createDeviceDirectory(store, options.fleet, service.bindings, now);
  const tags = createTags(store, service.turns('tags'));
  const aliases = createAliases(store);
  const pushing = pushOptions(options, devices, { tags, aliases }, now);
  const push = switchedPush(createPush(pushing), options.isPushOpen);
  const scheduling = startScheduling({
    store,
    push,
    now,
    timeZone: options.push.timeZone,
    inTurn: service.turns('schedules'),
    leads: () => service.leads('schedules'),
    maxPending: options.push.maxPendingSchedules,
    graceMs: options.push.scheduleGraceMs,
    everyMs: options.push.scheduleEveryMs,
    onResult: options.onSchedule,
    onError: (error) => log.error({ err: error }, 'a scheduled push failed'),
  });
  const { schedules } = scheduling;
  const services: Services = {
    apps: {
      has: async (instance) => findInstance(service.catalogue(), instance) !== null,
      ofAppKey: appKeys.instanceOf,
    },
    sync: createSyncService(send, service.limits, clock),
    templates: createTemplates(store, now, service.turns('templates')),
    tags,
    aliases,
    devices,
    push,
    binder: createDeviceBinder({
      store,
      findDevice: devices.find,
      note: service.bindings.note,
      reconnect(instance, deviceId) {
        const kickAll = async (): Promise<void> => {
          for (const route of await options.fleet.find(instance, { deviceId }))
            options.fleet.kick(route, CloseCode.KICKED, RECONNECT_AFTER_MS, '');
        };
        kickAll().catch((err) => log.warn({ err }, 'a device was not told to come anew'));
      },
      now,
    }),
    revoker: createRevoker({ store, revoke: options.revoke, findDevice: devices.find, schedules }),
    schedules,
    mobilePush: createMobilePush(pushing),
    analysis: createAnalysisQueries(store, options.analysis.counts),
    tokens: options.analysis.tokens,
  };
  return { services, scheduling };
}

/** What the services of both push products are made of. */
function pushOptions(
  options: OpenApiOptions,
  devices: DeviceDirectory,
  names: { readonly tags: Tags; readonly aliases: Aliases },
  now: () => number,
): PushOptions & MobileOptions {
  const { send, service } = options;
  const prepare = (instance: string) => ensurePushConfigurations(service, instance);
  const { analysis } = options;
  const channels = createChannelSending({
    channels: options.channels,
    tokens: analysis.tokens,
    onEnd: options.onChannelEnd,
    now,
  });
  const targets = { findDevice: devices.find, devicesOf: devices.ofUser, ...names };
  return { send, prepare, store: service.store, ...targets, analysis, channels, now };
}

/**
 * Flushes what waits soon after it is told, one run after the other, and again after one that
 * failed; `stop` flushes once more. While nothing is told, nothing runs.
 */
function createFlushing(flush: () => Promise<void>, log: Logger): { soon(): void; stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;
  const attempt = async (): Promise<void> => {
    try {
      await flush();
    } catch (error) {
      log.warn({ err: error }, 'used nonces or last use of keys not written');
      soon();
    }
  };
  const soon = (): void => {
    if (stopped || timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      running = running.then(attempt);
    }, FLUSH_AFTER_MS).unref();
  };
  return {
    soon,
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
      await attempt();
    },
  };
}
