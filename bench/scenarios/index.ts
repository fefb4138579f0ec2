/** All scenarios by name. */
import { api } from './api.js';
import { backlog } from './backlog.js';
import { connect } from './connect.js';
import { cost } from './cost.js';
import { density } from './density.js';
import { depth } from './depth.js';
import { global } from './global.js';
import { handshakes } from './handshakes.js';
import { hold } from './hold.js';
import { idle } from './idle.js';
import { latency } from './latency.js';
import { peers } from './peers.js';
import { push } from './push.js';
import { redis } from './redis.js';
import type { Scenario } from './scenario.js';
import { stages } from './stages.js';
import { comeback, storm } from './storm.js';
import { throughput } from './throughput.js';

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  throughput,
  api,
  connect,
  density,
  latency,
  backlog,
  depth,
  storm,
  comeback,
  global,
  hold,
  push,
  cost,
  idle,
  handshakes,
  peers,
  stages,
  redis,
};
