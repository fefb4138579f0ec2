/**
 * Leads a TCP socket's bytes to TLS through JavaScript. Given the socket itself, Node reads into
 * OpenSSL's input buffer directly, in 64 KiB for each connection: every page that a burst has touched
 * stays with the connection for good. What is no net.Socket is read in pieces instead. bench/results/README.md has the figures.
 */
import type { Socket } from 'node:net';

/** OpenSSL's input buffer is emptied after each piece, so it never touches more memory than that. */
const PIECE_BYTES = 4096;

function inPieces(chunk: Buffer, take: (piece: Buffer) => void): void {
  if (chunk.length <= PIECE_BYTES) take(chunk);
  else for (let at = 0; at < chunk.length; at += PIECE_BYTES) take(chunk.subarray(at, at + PIECE_BYTES));
}

/** All that Node asks of a stream under a TLS socket; everything goes to the TCP socket as it is. */
export class Detour {
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  get readable(): boolean {
    return this.socket.readable;
  }

  get writable(): boolean {
    return this.socket.writable;
  }

  on(event: string, listener: (...args: unknown[]) => void): this {
    this.socket.on(event, event === 'data' ? (chunk: Buffer) => inPieces(chunk, listener) : listener);
    return this;
  }

  once(event: string, listener: (...args: unknown[]) => void): this {
    this.socket.once(event, listener);
    return this;
  }

  removeListener(event: string, listener: (...args: unknown[]) => void): this {
    this.socket.removeListener(event, listener);
    return this;
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  cork(): void {
    this.socket.cork();
  }

  uncork(): void {
    this.socket.uncork();
  }

  write(bytes: Uint8Array, done: (error?: Error | null) => void): boolean {
    return this.socket.write(bytes, done);
  }

  end(done: () => void): void {
    this.socket.end(done);
  }

  destroy(error?: Error): void {
    this.socket.destroy(error);
  }
}
