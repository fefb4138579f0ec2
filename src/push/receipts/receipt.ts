/** A receipt: what became of a push, in the form of the mPaaS MPS guide, 6.5. */
import { createSign } from 'node:crypto';

/**
 * States of a message on the vendor's console, with numbers; and those of a device that only a
 * vendor's channel reaches: `ChannelAccepted` when the vendor took it, `NoChannel` when this server
 * has no such channel.
 */
export const PushStatus = {
  DeviceNotOnlineOrNoResponse: '0',
  NoBindInfo: '1',
  Acked: '2',
  NoChannel: '3',
  ChannelAccepted: '4',
  BadDeviceToken: '5',
  DeviceTokenNotForTopic: '6',
  ConnClosed: '7',
} as const;
export type PushStatus = keyof typeof PushStatus;

export interface Receipt {
  readonly instance: string;
  /** Which message, among all of the instance: receipts of one go out one after the other. */
  readonly message: string;
  /** Business message id. */
  readonly msgId: string;
  /** The user or the Ad-token. */
  readonly targetId: string;
  readonly status: PushStatus;
  /** Ad-token of the device that it is about; empty when there is none. */
  readonly adToken: string;
  /** `android`, `harmony` …, or empty. */
  readonly osType: string;
}

/** The POST body, its fields in the order of the guide's example. */
export function receiptBody({ msgId, targetId, status, adToken, osType }: Receipt): string {
  return JSON.stringify({
    extInfo: { adToken, osType },
    msgId,
    pushSuccess: status === 'Acked' || status === 'ChannelAccepted',
    statusCode: PushStatus[status],
    statusDesc: status,
    targetId,
  });
}

/**
 * RSA-SHA256 of the body: base64 with `-` and `_` in place of `+` and `/`, as the guide's verifier
 * turns them back.
 *
 * @param privateKey PEM
 */
export function signReceipt(body: string, privateKey: string): string {
  const signature = createSign('sha256').update(body, 'utf8').sign(privateKey, 'base64');
  return signature.replaceAll('+', '-').replaceAll('/', '_');
}

/** The tenant's address with the signature as its parameter `sign`. */
export function receiptUrl(address: string, signature: string): string {
  const url = new URL(address);
  url.searchParams.set('sign', signature);
  return url.href;
}

/** What `longlink callback test` sends. */
export function testReceipt(instance: string, nowMs: number): Receipt {
  return {
    instance,
    message: 'test',
    msgId: `test_${Math.floor(nowMs)}`,
    targetId: '0'.repeat(64),
    status: 'Acked',
    adToken: '0'.repeat(64),
    osType: 'android',
  };
}
