/** The nodes of the cluster, and draining one of them. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { AdminOptions } from '../options.js';
import { actorOf } from '../requests.js';
import * as schemas from '../schemas.js';
import { auditWrite } from '../service/audit.js';
import { ServiceError } from '../service/context.js';

const MAX_DRAIN_MS = 3_600_000;
const MAX_RATE = 1_000_000;

const node = Type.Object({
  member: Type.String({ description: 'Node and start: another life is another member.' }),
  node: Type.String(),
  role: Type.String(),
  version: Type.String(),
  startedMs: Type.Number(),
  admin: Type.String({ description: 'Its admin port.' }),
  workers: Type.Number(),
  draining: Type.Boolean(),
  connections: Type.Number(),
  epoch: Type.String({ description: 'The newest that it has seen.' }),
  lagMs: Type.Number({ description: 'Turnaround of its last renewal.' }),
});

const listNodes = {
  tags: ['server'],
  operationId: 'listNodes',
  summary: 'The nodes that have a lease in Redis; none where the store is of this machine alone',
  response: schemas.answers(
    Type.Object({
      self: Type.String({ description: 'Member of the node that was asked.' }),
      leaseMs: Type.Number({ description: 'What is left of its lease; at 0 it sends no data.' }),
      nodes: Type.Array(node),
    }),
  ),
};

const drainNode = {
  tags: ['server'],
  operationId: 'drainNode',
  summary: 'Send the devices of a node to the others, so many a second; it takes no new ones',
  params: Type.Object({ node: schemas.name }),
  body: Type.Object(
    {
      rate: Type.Optional(
        Type.Integer({ minimum: 1, maximum: MAX_RATE, description: 'Devices a second; 100.' }),
      ),
      redirect: Type.Optional(
        Type.String({ maxLength: 260, pattern: '^([^\\s:/]+:[0-9]{1,5})?$', description: '`host:port`' }),
      ),
    },
    schemas.closed,
  ),
  response: schemas.answers(
    Type.Object({ members: Type.Array(Type.String()), connections: Type.Number(), overMs: Type.Number() }),
  ),
};

const DEFAULT_RATE = 100;

export function registerNodes(server: FastifyInstance, options: AdminOptions): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const { nodes, service } = options;

  app.get('/v1/nodes', { schema: listNodes }, async () => {
    const self = nodes?.self() ?? { member: '', leaseMs: 0 };
    const list = (nodes?.list() ?? []).map(({ epoch, ...rest }) => ({ ...rest, epoch: String(epoch) }));
    return { self: self.member, leaseMs: self.leaseMs, nodes: list };
  });
  app.post('/v1/nodes/:node/drain', { schema: drainNode }, async (request) => {
    const { rate = DEFAULT_RATE, redirect = '' } = request.body;
    const { node: name } = request.params;
    const named = (nodes?.list() ?? []).filter((one) => one.node === name || one.member === name);
    if (nodes === undefined || named.length === 0)
      throw new ServiceError('NOT_FOUND', 'no such node', 'node');
    const connections = named.reduce((most, one) => Math.max(most, one.connections), 0);
    const overMs = Math.min(MAX_DRAIN_MS, Math.ceil((connections / rate) * 1000));
    const change = { action: 'server.drain', instance: '', object: name, after: { rate, redirect } } as const;
    await service.store.saveDocs([auditWrite(actorOf(request), change, service.clock().wall)]);
    const members = await nodes.drain(name, overMs, redirect);
    return { members: [...members], connections, overMs };
  });
}
