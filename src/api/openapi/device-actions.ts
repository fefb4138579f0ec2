/** What back ends report of devices. */
import { PushRefusal } from '../../push/codes.js';
import { VENDORS } from '../../push/device-tokens.js';
import type { Call } from './action.js';
import type { Fields } from './families.js';

export const OsType = { ANDROID: 1, IOS: 2 } as const;

interface ReportValues {
  readonly WorkspaceId: string;
  readonly AppId: string;
  readonly DeliveryToken: string;
  readonly OsType: 1 | 2;
  readonly ThirdChannel: number | undefined;
  readonly ThirdChannelDeviceToken: string | undefined;
  readonly AppVersion: string | undefined;
  readonly Model: string | undefined;
}

/**
 * An iPhone is known by its APNs token from its first report on; an Android device from its first
 * connection, which issues its Ad-token.
 *
 * @throws {PushRefusal} 3054 for an Android device that is not known, 3028 for half a vendor token
 */
export async function reportDevice(values: ReportValues, call: Call): Promise<Fields> {
  const instance = await call.instance(values.WorkspaceId, values.AppId);
  const { devices, tokens } = call.services;
  const vendor = vendorOf(values);
  const token = values.ThirdChannelDeviceToken ?? '';
  if ((vendor === '') !== (token === ''))
    throw new PushRefusal('3028', 'ThirdChannel and ThirdChannelDeviceToken go together');
  const isIos = values.OsType === OsType.IOS;
  const known = await devices.find(instance, values.DeliveryToken);
  if (known === null && !isIos) throw new PushRefusal('3054');
  const device = known ?? (await devices.register(instance, values.DeliveryToken, 'ios'));
  await tokens.save(instance, device.deviceId, {
    ...(isIos && token === '' ? { vendor: 'apns', token: values.DeliveryToken } : { vendor, token }),
    appVersion: values.AppVersion ?? '',
    model: values.Model ?? '',
  });
  return {};
}

function vendorOf({ ThirdChannel }: ReportValues): string {
  if (ThirdChannel === undefined || ThirdChannel === 0) return '';
  const vendor = VENDORS[ThirdChannel];
  if (vendor === undefined) throw new PushRefusal('3028', 'ThirdChannel');
  return vendor;
}
