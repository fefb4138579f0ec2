/** The section of the configuration for the signed APIs. */
import Type, { type Static } from 'typebox';
import { flag, integer, port, section, text } from './config-fields.js';

/** The signed API port. */
export const openapi = Type.Object(
  {
    enabled: flag(false, 'Serve the signed APIs (docs/openapi/).'),
    host: text('127.0.0.1', 'Address of the signed API port.'),
    port: port(
      8081,
      'Signed API port; 0 takes a free one. Plain HTTP: put a TLS proxy that keeps `Host` before it.',
    ),
    secretKeyFile: text(
      '',
      'File with the key under which access key secrets are stored. Empty: `<dataDir>/openapi.key`, made on the first run. Lost, all access keys must be made anew.',
    ),
    callsPerSecond: integer(5000, 1, 1_000_000, 'Calls a second of one access key. More: `Throttling`.'),
    burst: integer(10_000, 1, 10_000_000, 'Calls of one access key that may come at once.'),
    nonces: integer(
      2_000_000,
      1000,
      100_000_000,
      'Used nonces remembered, for up to 30 minutes each, about 100 bytes each. When full: `ServiceUnavailable`.',
    ),
    maxHeaderBytes: integer(
      131_072,
      16_384,
      1_048_576,
      'Request line and headers; 1,000 device ids by GET are 70 KB.',
    ),
    maxBodyBytes: integer(2_097_152, 65_536, 67_108_864, 'Body of one request.'),
    maxHeldBytes: integer(134_217_728, 1_048_576, 4_294_967_296, 'Bodies of all requests together.'),
    maxConnections: integer(2000, 1, 1_000_000, 'Connections of the port.'),
  },
  section,
);

export type OpenApiConfig = Readonly<Static<typeof openapi>>;
