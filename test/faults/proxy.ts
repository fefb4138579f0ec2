/** A TCP proxy that can turn into a black hole: it goes on taking bytes and passes none on. */
import { connect, createServer, type Socket } from 'node:net';
import { until } from './cluster.js';

export interface Proxy {
  readonly port: number;
  /** From now on nothing passes, in either direction, and no end of a connection is passed on. */
  freeze(): void;
  /** New connections pass again; frozen ones stay dead. */
  thaw(): void;
  /** Resolves with the ms from `freeze` until the server closed its last frozen connection, or null. */
  serverClosed(timeoutMs: number): Promise<number | null>;
  close(): void;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  frozen: boolean;
  farClosed: boolean;
}

export async function openProxy(target: () => number): Promise<Proxy> {
  const pairs = new Set<Pair>();
  let frozen = false;
  let frozenAt = 0;

  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: target(), host: '127.0.0.1', allowHalfOpen: true });
    const pair: Pair = { near, far, frozen, farClosed: false };
    pairs.add(pair);
    near.on('data', (chunk) => {
      if (!pair.frozen) far.write(chunk);
    });
    far.on('data', (chunk) => {
      if (!pair.frozen) near.write(chunk);
    });
    // A server that ends its side, or cuts it, has given the link up.
    const farGone = (): void => {
      pair.farClosed = true;
      far.destroy();
      if (!pair.frozen) near.destroy();
    };
    far.on('end', farGone);
    far.on('error', farGone);
    far.on('close', farGone);
    const nearGone = (): void => {
      near.destroy();
      if (!pair.frozen) far.destroy();
    };
    near.on('end', nearGone);
    near.on('error', nearGone);
    near.on('close', nearGone);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();

  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    freeze() {
      frozen = true;
      frozenAt = performance.now();
      for (const pair of pairs) {
        if (pair.farClosed) pairs.delete(pair);
        else pair.frozen = true;
      }
    },
    thaw() {
      frozen = false;
    },
    async serverClosed(timeoutMs) {
      const held = [...pairs].filter((pair) => pair.frozen);
      const done = until('the server closes', timeoutMs, () => held.every((pair) => pair.farClosed));
      return done.then(
        () => Math.round(performance.now() - frozenAt),
        () => null,
      );
    },
    close() {
      server.close();
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
    },
  };
}
