/** One end of a bus connection: batches what one turn sends, and bounds what waits for a slow peer. */
import type { Socket } from 'node:net';
import { createFrameReader, encodeFrame } from './framing.js';
import type { ToControl, ToWorker } from './messages.js';
import type { BusLimits } from './port.js';

/** Unsent bytes of the socket at which messages stay in the queue, unserialized. */
const SOCKET_BYTES = 1024 * 1024;
/** Messages of one frame, so that a long queue does not block the loop in one piece. */
const FRAME_MESSAGES = 512;

export interface PeerHandler {
  /** `ageMs` is how long the frame lay in the socket. */
  onFrame(messages: unknown[], ageMs: number): void;
  /** Called once. `error` is empty for an orderly end. */
  onClose(error: string): void;
}

export interface Peer {
  /** False when the message was dropped: `droppable` and the peer is behind. */
  push(message: ToControl | ToWorker, droppable: boolean): boolean;
  /** True while messages wait because the peer does not read. */
  behind(): boolean;
  queued(): number;
  /** True when the connection was given up because too much waited. */
  overflowed(): boolean;
  /** Sends what waits and ends the connection. */
  end(): void;
  destroy(): void;
}

export function createPeer(socket: Socket, limits: BusLimits, handler: PeerHandler): Peer {
  let queue: (ToControl | ToWorker)[] = [];
  let scheduled = false;
  let ending = false;
  let failure = '';
  let overflow = false;

  const flush = (): void => {
    scheduled = false;
    let from = 0;
    while (from < queue.length && socket.writableLength < SOCKET_BYTES && !socket.destroyed) {
      socket.write(encodeFrame(queue.slice(from, from + FRAME_MESSAGES)));
      from += FRAME_MESSAGES;
    }
    queue = from === 0 ? queue : queue.slice(from);
    if (ending && queue.length === 0) socket.end();
  };

  const read = createFrameReader(handler.onFrame);
  socket.on('data', (chunk: Buffer) => {
    try {
      read(chunk);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'BusFrameError') throw error;
      failure = error.message;
      socket.destroy();
    }
  });
  socket.on('drain', flush);
  socket.on('error', (error) => {
    failure = error.message;
  });
  socket.on('close', () => {
    queue = [];
    handler.onClose(failure);
  });

  const behind = (): boolean => socket.writableLength >= SOCKET_BYTES;
  return {
    push(message, droppable) {
      if (socket.destroyed || ending) return false;
      if (droppable && queue.length >= limits.wakeQueue) return false;
      if (queue.length >= limits.hardQueue) {
        overflow = true;
        failure = `${queue.length} messages wait`;
        socket.destroy();
        return false;
      }
      queue.push(message);
      if (!scheduled && !behind()) {
        scheduled = true;
        setImmediate(flush);
      }
      return true;
    },
    behind,
    queued: () => queue.length,
    overflowed: () => overflow,
    end() {
      ending = true;
      if (!scheduled) flush();
    },
    destroy: () => {
      socket.destroy();
    },
  };
}
