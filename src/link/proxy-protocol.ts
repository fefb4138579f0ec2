/**
 * PROXY protocol version 2: a proxy names the client that it speaks for, before the first byte of
 * the client. https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt, section 2.2.
 */
import { SocketAddress } from 'node:net';
import { CloseCode } from '../core/codes.js';
import { WireError } from '../wire/wire-error.js';

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const FIXED_BYTES = 16;
const IPV4_BYTES = 12;
const IPV6_BYTES = 36;

/** Longest header accepted, additional values (TLVs) included. Real ones have a few hundred bytes. */
export const MAX_PROXY_HEADER_BYTES = 2048;

export interface ProxyHeader {
  /** Bytes of the header; what follows belongs to the client. */
  readonly headerBytes: number;
  /** The client's address, or null when the proxy speaks for itself (LOCAL, or UNSPEC). */
  readonly address: string | null;
}

/**
 * Reads a header from the start of `bytes`.
 *
 * @returns Null when more bytes are needed.
 * @throws {WireError} PROTOCOL_ERROR for anything but a version 2 header of TCP over IPv4 or IPv6,
 *   LOCAL or UNSPEC; as soon as the bytes seen rule one out.
 */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | null {
  const seen = Math.min(bytes.length, SIGNATURE.length);
  if (bytes.compare(SIGNATURE, 0, seen, 0, seen) !== 0) throw refusal('no signature');
  if (bytes.length < FIXED_BYTES) return null;
  const command = bytes.readUInt8(12);
  const family = bytes.readUInt8(13);
  const length = bytes.readUInt16BE(14);
  if (command !== 0x20 && command !== 0x21) throw refusal(`version and command ${command}`);
  const headerBytes = FIXED_BYTES + length;
  if (headerBytes > MAX_PROXY_HEADER_BYTES) throw refusal(`${headerBytes} bytes`);
  if (bytes.length < headerBytes) return null;
  const local = command === 0x20 || family === 0x00;
  return { headerBytes, address: local ? null : sourceAddress(bytes, family, length) };
}

function sourceAddress(bytes: Buffer, family: number, length: number): string {
  if (family === 0x11 && length >= IPV4_BYTES) {
    return [...bytes.subarray(FIXED_BYTES, FIXED_BYTES + 4)].join('.');
  }
  if (family === 0x21 && length >= IPV6_BYTES) {
    const groups: string[] = [];
    for (let at = 0; at < 16; at += 2) groups.push(bytes.readUInt16BE(FIXED_BYTES + at).toString(16));
    return new SocketAddress({ family: 'ipv6', address: groups.join(':') }).address;
  }
  throw refusal(`family ${family} with ${length} bytes`);
}

function refusal(what: string): WireError {
  return new WireError(CloseCode.PROTOCOL_ERROR, `PROXY header: ${what}`);
}
