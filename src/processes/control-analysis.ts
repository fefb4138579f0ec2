/** The analysis of pushes as control runs it, and what devices report. */
import type { FindPushes } from '../admin/options.js';
import type { ServiceContext } from '../admin/service/context.js';
import type { MessageEvent } from '../core/ports.js';
import { PUSH_BIZ } from '../core/push-streams.js';
import type { ReportAnswer, ReportRequest } from '../core/reports.js';
import { createAliases, isAlias, TooManyAliases } from '../push/aliases.js';
import { type Analysis, startAnalysis } from '../push/analysis/index.js';
import type { ChannelEnd } from '../push/channel-sending.js';
import { createDeviceTokens, type DeviceTokens } from '../push/device-tokens.js';
import { findPushes, stateOfPush } from '../push/log.js';
import { reportMeter } from './control-metrics.js';
import type { ProcessTools } from './process-tools.js';

export interface ControlAnalysis extends Analysis {
  readonly tokens: DeviceTokens;
  readonly findPushes: FindPushes;
  /** Null when the store did not answer. */
  onReport(request: ReportRequest): Promise<ReportAnswer>;
}

/** For the message's timeline; null when nothing of it is stored. */
export function channelEvent(
  { request, id, device, state, channel }: ChannelEnd,
  atMs: number,
): MessageEvent | null {
  if (id === 0) return null;
  const { instance, biz, linkToken } = request;
  const kind = request.global ? 'g' : biz === PUSH_BIZ.user ? 'u' : 'd';
  const stream = { instance, kind, owner: request.global ? '' : linkToken, biz } as const;
  const what = state === 'ChannelAccepted' ? 'channel-accepted' : 'channel-failed';
  return {
    stream,
    id,
    what,
    atMs,
    reader: device?.deviceId ?? '',
    worker: 0,
    detail: `${state} ${channel}`.trim(),
  };
}

/** Acknowledgements of a moment become one write; a killed process loses what it counted since the last. */
const FLUSH_EVERY_MS = 250;

export async function openAnalysis(
  { config, clock, log, metrics }: ProcessTools,
  { store, decodeBody, bindings }: Pick<ServiceContext, 'store' | 'decodeBody' | 'bindings'>,
): Promise<ControlAnalysis> {
  const now = (): number => clock.now().wall;
  const meter = reportMeter(metrics);
  const tokens = createDeviceTokens(store, now);
  const analysis = await startAnalysis({
    store,
    timeZone: config.push.timeZone,
    payloadOf: (body) => decodeBody(body).payload,
    now,
    flushMs: FLUSH_EVERY_MS,
    onCounted: meter,
    onError: (err) => log.error({ err }, 'the analysis of pushes failed'),
  });
  const aliases = createAliases(store);
  const takeAlias = async (
    { instance, deviceId }: ReportRequest,
    { bind, alias }: { readonly bind: boolean; readonly alias: string },
  ): Promise<boolean> => {
    if (!isAlias(alias)) return false;
    try {
      await aliases[bind ? 'bind' : 'unbind'](instance, deviceId, [alias]);
      return true;
    } catch (error) {
      if (error instanceof TooManyAliases) return false;
      throw error;
    }
  };
  const take = async (request: ReportRequest): Promise<ReportAnswer> => {
    const { instance, deviceId, os, report } = request;
    if (report.what === 'alias') return takeAlias(request, report);
    if (report.what === 'aliases') return aliases.of(instance, deviceId);
    if (report.what === 'event') return analysis.report({ instance, deviceId, os, ...report });
    const { vendor, vendorToken: token, appVersion, model } = report;
    await tokens.save(instance, deviceId, { vendor, token, appVersion, model });
    return true;
  };
  return {
    ...analysis,
    tokens,
    async findPushes(instance, by, limit) {
      await analysis.counts.flush();
      const found = await findPushes(store, instance, by, limit);
      return Promise.all(
        found.map(async (push) => ({
          ...push,
          state: await stateOfPush(store, bindings.devicesOf, push, now()),
        })),
      );
    },
    async onReport(request) {
      try {
        return await take(request);
      } catch (err) {
        log.warn({ err }, 'a report of a device was not kept');
        return null;
      }
    },
  };
}
