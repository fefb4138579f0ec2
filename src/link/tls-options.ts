/** How device connections are encrypted. docs/protocol.md 1.2. */
import { constants } from 'node:crypto';
import type { TlsOptions } from 'node:tls';

/** Mozilla's "intermediate" list (version 5.7) without the DHE suites, which need own parameters. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/**
 * Everything but certificate, key and ticket keys. Node never accepts early data (0-RTT), so there
 * is nothing to turn off; tests look.
 */
export const TLS_OPTIONS: TlsOptions = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: CIPHERS,
  // Phones without AES instructions choose ChaCha20 for themselves.
  honorCipherOrder: false,
  ecdhCurve: 'X25519:P-256:P-384',
  // Renegotiation costs the server a handshake at the peer's will.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  // Node's default is made of the command line, and would differ between kinds of processes.
  sessionIdContext: 'longlink',
  /** Seconds for which a ticket can be used. */
  sessionTimeout: 2 * 60 * 60,
};
