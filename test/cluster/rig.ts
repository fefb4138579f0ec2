/** Several real nodes on one real Redis, to be driven and hurt. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReceivedSync } from '../../src/wire/frames.js';
import { type Cluster, type ConfigPart, call, createCluster, until } from '../faults/cluster.js';
import { RawDevice } from '../history/device.js';
import { markPayload } from '../history/payload.js';
import { openRecorder } from '../history/recorder.js';

const PATH = '/webapi/sync/single?instanceId=default_demo';
const HEADERS = { 'content-type': 'application/json' };

export interface RigNode extends Cluster {
  readonly name: string;
}

/** A device that keeps what it was handed. */
export interface RigDevice {
  readonly raw: RawDevice;
  /** Names of the messages, in order, repeated ones too. */
  readonly got: string[];
}

export interface Rig {
  readonly nodes: readonly RigNode[];
  /** A further node on the same Redis, with a planted bug if one is named; not started. */
  make(name: string, config?: ConfigPart, plant?: string): Promise<RigNode>;
  /** Connects to the node, and comes back to it. */
  device(node: RigNode | { at: RigNode }, dev: string, user: string | null, heartbeatSec?: number): RigDevice;
  /** @returns the result code of the call. */
  send(node: RigNode, biz: string, linkToken: string, msg: string): Promise<string>;
  dispose(): Promise<void>;
}

/**
 * @param redis section of the configuration
 * @param plant name of a bug (test/faults/plants.ts) that all nodes have.
 */
export async function startRig(
  redis: ConfigPart,
  names: readonly string[],
  workers = 0,
  plant?: string,
): Promise<Rig> {
  const dir = mkdtempSync(join(tmpdir(), 'longlink-nodes-'));
  const recorder = openRecorder(join(dir, 'history.jsonl'));
  const devices: RawDevice[] = [];
  const nodes: RigNode[] = [];
  const make = async (name: string, config: ConfigPart = {}, bug = plant): Promise<RigNode> => {
    const common = { demoInstance: true, store: { driver: 'redis' }, redis, cluster: { node: name } };
    const planted = bug === undefined ? {} : { plant: bug };
    const node = {
      ...(await createCluster({ workers, config: { ...common, ...config }, ...planted })),
      name,
    };
    nodes.push(node);
    return node;
  };
  for (const name of names) await (await make(name)).start();
  return {
    nodes,
    make,
    device(node, dev, user, heartbeatSec = 0) {
      const got: string[] = [];
      const raw = new RawDevice({
        port: () => ('at' in node ? node.at : node).ports.tcp,
        tls: false,
        ws: 'default',
        app: 'demo',
        dev,
        user,
        heartbeatSec,
        recorder,
        answer(sync: ReceivedSync) {
          got.push(...sync.oplogs.map(({ thirdMsgId }) => thirdMsgId));
          return 'ack';
        },
      });
      devices.push(raw);
      return { raw, got };
    },
    async send(node, bizType, linkToken, msg) {
      const data = { bizType, linkToken, thirdMsgId: msg, payload: markPayload(msg).payload };
      const request = { port: node.ports.api, method: 'POST', path: PATH, headers: HEADERS };
      const { body } = await call(request, JSON.stringify(data));
      return String((JSON.parse(body) as { msg?: unknown }).msg);
    },
    async dispose() {
      for (const device of devices) device.stop();
      for (const node of nodes) await node.dispose();
      recorder.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The nodes as one of them tells them. */
export async function nodesOf(node: RigNode): Promise<{ node: string; connections: number }[]> {
  const { body } = await node.admin('GET', '/v1/nodes');
  return (JSON.parse(body) as { nodes: { node: string; connections: number }[] }).nodes;
}

export { until };
