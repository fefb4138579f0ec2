/** The HTTP server of the signed APIs: bounds, bodies, and nothing of their meaning. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpAnswer } from './answer.js';
import type { Gateway } from './gateway.js';
import { GatewayError } from './gateway-errors.js';

/** Bounds of the port. */
export interface ServerLimits {
  /** Request line and headers; 1,000 device ids by GET are 70 KB. */
  readonly maxHeaderBytes: number;
  readonly maxBodyBytes: number;
  /** Bytes of bodies held at once, of all requests together. */
  readonly maxHeldBytes: number;
  readonly maxConnections: number;
  /** From the first byte to the last of a request. */
  readonly requestTimeoutMs: number;
  readonly keepAliveMs: number;
}

export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  maxHeaderBytes: 131_072,
  maxBodyBytes: 2_097_152,
  maxHeldBytes: 134_217_728,
  maxConnections: 2_000,
  requestTimeoutMs: 30_000,
  keepAliveMs: 65_000,
};

export interface OpenApiServer {
  /** @returns where it listens; port 0 takes a free one */
  listen(host: string, port: number): Promise<AddressInfo>;
  /** Stops accepting; resolves when the calls in progress are answered. */
  close(): Promise<void>;
}

/** Makes the server in front of a gateway. */
export function createOpenApiServer(gateway: Gateway, limits: ServerLimits): OpenApiServer {
  const readBody = createBodyReader(limits);
  let closing = false;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const http = {
      method: request.method ?? '',
      url: request.url ?? '',
      rawHeaders: request.rawHeaders,
    };
    const body = await readBody(request);
    if (body === null) return;
    if (body instanceof GatewayError) {
      // What is left of the body is not worth reading.
      response.setHeader('connection', 'close');
      send(response, gateway.refuse(http, body));
      return;
    }
    try {
      const answer = await gateway.answer({ ...http, body: body.bytes });
      if (closing) response.setHeader('connection', 'close');
      send(response, answer);
    } finally {
      body.release();
    }
  };

  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      requestTimeout: limits.requestTimeoutMs,
      headersTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: 5_000,
    },
    (request, response) => {
      handle(request, response).catch(() => response.destroy());
    },
  );
  server.maxConnections = limits.maxConnections;

  return {
    listen: (host, port) => listen(server, host, port),
    close() {
      closing = true;
      return close(server);
    },
  };
}

interface HeldBody {
  readonly bytes: Buffer;
  /** Gives the bytes back to the common budget. */
  release(): void;
}

/** Null when the client went away before its body was complete. */
type ReadBody = (request: IncomingMessage) => Promise<HeldBody | GatewayError | null>;

function createBodyReader(limits: ServerLimits): ReadBody {
  let held = 0;
  return async (request) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const release = (): void => {
      held -= size;
      size = 0;
    };
    try {
      // The stream stays open when we stop early: the refusal is written to its socket.
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        size += chunk.length;
        held += chunk.length;
        if (size > limits.maxBodyBytes || held > limits.maxHeldBytes) {
          const tooLarge = size > limits.maxBodyBytes;
          release();
          return tooLarge
            ? new GatewayError('RequestEntityTooLarge', String(limits.maxBodyBytes))
            : new GatewayError('ServiceUnavailable');
        }
        chunks.push(chunk);
      }
    } catch {
      release();
      return null;
    }
    return { bytes: Buffer.concat(chunks), release };
  };
}

function send(response: ServerResponse, answer: HttpAnswer): void {
  if (answer.retryAfterMs > 0) response.setHeader('x-acs-retry-after', String(answer.retryAfterMs));
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(answer.body);
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('not a TCP address'));
      else resolve(address);
    });
  });
}

/** A request that is still arriving after so long is not waited for. */
const CLOSE_AFTER_MS = 5_000;

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_AFTER_MS);
    server.close((error) => {
      clearTimeout(timer);
      if (error === undefined) resolve();
      else reject(error);
    });
    server.closeIdleConnections();
  });
}
