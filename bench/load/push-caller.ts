/** Signed calls of the push API, as a back end makes them: keep-alive, form body, HMAC-SHA1. */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { percentEncode } from '../../src/api/openapi/percent.js';
import { signV1 } from '../../src/api/openapi/signature.js';
import type { Server } from '../server.js';
import { APP, INSTANCE, WORKSPACE } from './longlink.js';

export interface PushCaller {
  /** @throws {Error} for a refusal */
  call(action: string, parameters: Readonly<Record<string, string>>): Promise<void>;
  close(): void;
}

/** @param port of the signed APIs */
export async function createPushCaller(
  server: Server,
  port: number,
  connections: number,
): Promise<PushCaller> {
  const scope = { instances: [INSTANCE], appKeys: [] };
  const made = await server.admin('POST', '/v1/access-keys', { tenant: 'bench', scope });
  const { key, secret } = made as { key: { id: string }; secret: string };
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    async call(action, parameters) {
      const all = Object.entries({
        ...{ Action: action, Version: '2020-10-28', Format: 'JSON', AppId: APP, WorkspaceId: WORKSPACE },
        ...{ AccessKeyId: key.id, SignatureMethod: 'HMAC-SHA1', SignatureVersion: '1.0' },
        Timestamp: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
        SignatureNonce: randomUUID(),
        ...parameters,
      }).map(([name, value]) => ({ name, value }));
      all.push({ name: 'Signature', value: signV1('POST', all, secret) });
      const body = all.map(({ name, value }) => `${percentEncode(name)}=${percentEncode(value)}`).join('&');
      const text = await post(agent, port, body);
      const answer = JSON.parse(text) as { ResultCode?: string; Code?: string };
      if (answer.ResultCode !== 'OK' && answer.Code !== '100') throw new Error(`${action}: ${text}`);
    },
    close: () => agent.destroy(),
  };
}

function post(agent: Agent, port: number, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = request({ agent, host: '127.0.0.1', port, method: 'POST', path: '/', headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve(Buffer.concat(chunks).toString()));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
