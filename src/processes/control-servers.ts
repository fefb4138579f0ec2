/** The HTTP ports of the control process: the business API and the admin port. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { readOrMakeToken, TokenFileError } from '../admin/authentication.js';
import type { AdminNodes } from '../admin/options.js';
import { createAdminServer } from '../admin/server.js';
import { MasterKeyError } from '../admin/service/master-key.js';
import { createOpenApi, type OpenApi } from '../api/openapi/open-api.js';
import { createApiServer } from '../api/server.js';
import { NO_CHANNELS } from '../channels/port.js';
import type { Config } from '../config.js';
import type { Control } from './control.js';
import { openBroadcasts } from './control-broadcasts.js';
import type { ControlCluster } from './control-cluster.js';
import { scheduleMeter } from './control-metrics.js';
import { dataFiles } from './data-dir.js';
import type { Address } from './messages.js';
import type { ProcessTools } from './process-tools.js';
import { asStartError, ExitCode, StartError } from './start-error.js';

export interface ControlServers {
  readonly addresses: readonly Address[];
  /** Takes no new calls; resolves when those under way are answered. */
  close(): Promise<void>;
}

/** @throws {StartError} when a port cannot be had or a secret cannot be read; then none is open. */
export async function startControlServers(tools: ProcessTools, control: Control): Promise<ControlServers> {
  const { config, clock, log, metrics } = tools;
  const openApi = config.openapi.enabled && config.role !== 'link' ? await makeOpenApi(tools, control) : null;
  const admin = await createAdminServer({
    service: control.service,
    send: control.send,
    sendAll: control.sendAll,
    fleet: control.fleet,
    operations: control.operations,
    ...(control.cluster === null ? {} : { nodes: nodesOf(control.cluster) }),
    ...(openApi === null
      ? {}
      : {
          findPushes: control.analysis.findPushes,
          signedApi: openApi,
          broadcasts: openBroadcasts(config, control, openApi.revoker),
        }),
    ...(control.receipts === null ? {} : { receipts: control.receipts.admin }),
    token: adminToken(config),
    ...adminTls(config),
    log,
  });
  const api = await createApiServer({
    send: control.send,
    catalogue: control.service.catalogue,
    clock: clock.now,
    limits: config.limits,
    answerTimeoutMs: config.api.answerTimeoutMs,
    maxInFlight: config.api.maxInFlight,
    log,
    onResult: (result) => metrics.count('longlink_sync_calls_total', { result }).inc(),
  });
  const close = async (): Promise<void> => {
    await Promise.all([api.close(), admin.close(), openApi?.close()]);
  };
  try {
    const adminProtocol = config.admin.certFile === '' ? 'http' : 'https';
    return {
      addresses: [
        ...(config.role === 'link' ? [] : [await listen(api, 'api', config.api, 'http')]),
        ...(openApi === null ? [] : [await listenOpenApi(openApi)]),
        await listen(admin, 'admin', config.admin, adminProtocol),
      ],
      close,
    };
  } catch (error) {
    // What does not listen yet cannot be closed, and says so; the reason above is the one to show.
    await close().catch(() => {});
    throw error;
  }
}

async function listen(
  app: FastifyInstance,
  name: string,
  { host, port }: { readonly host: string; readonly port: number },
  protocol: string,
): Promise<Address> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw asStartError(error);
  }
  const address = app.server.address() as AddressInfo;
  return { name, host: address.address, port: address.port, protocol };
}

/** @throws {StartError} when the file of the sealing key cannot be used */
async function makeOpenApi(tools: ProcessTools, control: Control): Promise<OpenApi> {
  const { config, log, metrics } = tools;
  try {
    return await createOpenApi({
      config: config.openapi,
      push: config.push,
      isPushOpen: control.receipts?.isPushOpen ?? (() => true),
      onSchedule: scheduleMeter(metrics),
      secretKeyFile: dataFiles(config).openApiKeyFile,
      service: control.service,
      fleet: control.fleet,
      send: control.send,
      revoke: control.revoke,
      analysis: control.analysis,
      channels: NO_CHANNELS,
      onChannelEnd: control.onChannelEnd,
      nonces: control.cluster?.nonces,
      log,
      onCall: ({ action, code }) => metrics.count('longlink_openapi_calls_total', { action, code }).inc(),
    });
  } catch (error) {
    if (error instanceof MasterKeyError) throw new StartError(error.message, ExitCode.USAGE);
    throw error;
  }
}

async function listenOpenApi(openApi: OpenApi): Promise<Address> {
  try {
    const { address, port } = await openApi.listen();
    return { name: 'openapi', host: address, port, protocol: 'http' };
  } catch (error) {
    throw asStartError(error);
  }
}

function adminToken(config: Config): string {
  try {
    return readOrMakeToken(dataFiles(config).adminTokenFile);
  } catch (error) {
    if (error instanceof TokenFileError) throw new StartError(error.message, ExitCode.USAGE);
    throw error;
  }
}

function adminTls({ admin }: Config): { readonly tls?: { readonly cert: string; readonly key: string } } {
  if (admin.certFile === '') return {};
  return { tls: { cert: readFileSync(admin.certFile, 'utf8'), key: readFileSync(admin.keyFile, 'utf8') } };
}

/** The cluster as the admin port shows it. */
function nodesOf({ node, nodes, leaseMs }: ControlCluster): AdminNodes {
  return {
    self: () => ({ member: node.member, leaseMs: Math.round(leaseMs()) }),
    list: nodes,
    async drain(name, overMs, redirect) {
      const named = nodes().filter((one) => one.node === name || one.member === name);
      for (const { member } of named) await node.tell(member, { type: 'drain', overMs, redirect });
      return named.map(({ member }) => member);
    },
  };
}
