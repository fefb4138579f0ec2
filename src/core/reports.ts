/** What devices say beside their acknowledgements, on its way from a link worker to control. */

/** What a device reports beside its acknowledgements (docs/protocol.md 7). */
export type DeviceReport =
  | {
      readonly what: 'event';
      readonly kind: 'arrived' | 'opened' | 'ignored';
      readonly messageId: string;
    }
  | {
      readonly what: 'token';
      readonly vendor: string;
      readonly vendorToken: string;
      readonly appVersion: string;
      readonly model: string;
    }
  | { readonly what: 'alias'; readonly bind: boolean; readonly alias: string }
  /** Answered with the names. */
  | { readonly what: 'aliases' };

/** A report, and who made it. */
export interface ReportRequest {
  readonly instance: string;
  readonly deviceId: string;
  readonly os: string;
  readonly report: DeviceReport;
}

/** Whether it was kept, or what was asked for; null: the store did not answer. */
export type ReportAnswer = boolean | readonly string[] | null;
