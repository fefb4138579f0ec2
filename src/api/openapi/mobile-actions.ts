/** What the push actions of Mobile Push have in common. */
import { PushRefusal } from '../../push/codes.js';
import {
  type MobilePush,
  MobileRefusal,
  MobileSwitchedOff,
  type MobileTarget,
  MobileUnavailable,
} from '../../push/mobile.js';
import type { Call } from './action.js';
import { type Fields, Refusal } from './families.js';

interface TargetValues {
  readonly AppKey: number;
  readonly Target: MobileTarget;
  readonly TargetValue: string;
}

type What = Omit<MobilePush, 'instance' | 'target' | 'targetValue'>;

/** To devices that are online, at once: the single-purpose actions. */
export const ONLINE_ONLY = { stored: false, sendMs: null, expireMs: null } as const;
export const PLAIN = { action: 0, uri: '', silent: false, title: '' } as const;

/** @throws {Refusal} */
export async function sendMobile(call: Call, values: TargetValues, what: What): Promise<Fields> {
  const instance = await call.appKeyInstance(values.AppKey);
  const target = { instance, target: values.Target, targetValue: values.TargetValue };
  try {
    return { ResponseId: await call.services.mobilePush({ ...target, ...what }) };
  } catch (error) {
    if (error instanceof MobileRefusal) throw new Refusal('InvalidParameter', error.parameter);
    if (error instanceof MobileSwitchedOff) throw new Refusal('Forbidden');
    if (error instanceof MobileUnavailable) throw new Refusal('ServiceUnavailable');
    if (error instanceof PushRefusal) throw new Refusal('InvalidParameter', 'Body');
    throw error;
  }
}

/** Own data for the app, kept as the caller wrote it. */
export function parameters(fields: Readonly<Record<string, string | undefined>>): Map<string, string> {
  return new Map(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

const IOS = 0;
const ANDROID = 1;
const NOTICE = 1;
const OPEN_ACTIVITY = 2;
const OPEN_URL = 3;

/**
 * The action Push. Notices reach the iPhones that are connected; of the others each that is named, and
 * a push for many as a whole, ends as `NoChannel`, since this server does not speak to APNs.
 */
export function pushOf(values: {
  readonly DeviceType: 0 | 1 | 3;
  readonly Type: 0 | 1 | undefined;
  readonly Title: string;
  readonly Body: string;
  readonly AndroidOpenType: 1 | 2 | 3 | undefined;
  readonly AndroidActivity: string | undefined;
  readonly AndroidOpenUrl: string | undefined;
  readonly AndroidMusic: string | undefined;
  readonly AndroidExtParameters: string | undefined;
  readonly iOSExtParameters: string | undefined;
  readonly StoreOffline: boolean | undefined;
  readonly PushTime: number | undefined;
  readonly ExpireTime: number | undefined;
  readonly BatchNumber: string | undefined;
}): What {
  const notice = values.Type === NOTICE;
  const openUrl = values.AndroidOpenType === OPEN_URL;
  const openActivity = values.AndroidOpenType === OPEN_ACTIVITY;
  return {
    os: values.DeviceType === ANDROID ? 'android' : values.DeviceType === IOS ? 'ios' : null,
    title: values.Title,
    body: values.Body,
    action: openActivity ? 1 : 0,
    uri: (openUrl ? values.AndroidOpenUrl : openActivity ? values.AndroidActivity : '') ?? '',
    silent: !notice,
    params: parameters({
      ext: values.AndroidExtParameters,
      iosExt: values.iOSExtParameters,
      music: values.AndroidMusic,
      batchNumber: values.BatchNumber,
    }),
    stored: values.StoreOffline ?? false,
    sendMs: values.PushTime ?? null,
    expireMs: values.ExpireTime ?? null,
  };
}
