/** All scenarios by name. */
import type { Scenario } from './scenario.js';
import { throughput } from './throughput.js';

export const SCENARIOS: Readonly<Record<string, Scenario>> = { throughput };
