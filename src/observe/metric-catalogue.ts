/** Every metric with its labels and meaning: the source of the registry and of docs/operations.md. */

export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** How the values of several processes become one. */
  readonly across: 'sum' | 'max';
  readonly buckets?: readonly number[];
}

function counter(help: string, ...labels: string[]): MetricDefinition {
  return { type: 'counter', help, labels, across: 'sum' };
}

function gauge(help: string, across: 'sum' | 'max', ...labels: string[]): MetricDefinition {
  return { type: 'gauge', help, labels, across };
}

function histogram(help: string, buckets: readonly number[], ...labels: string[]): MetricDefinition {
  return { type: 'histogram', help, labels, across: 'sum', buckets };
}

const FAST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export const METRICS = {
  longlink_connections: gauge(
    'Open device connections, TLS done, before and after their Hello.',
    'sum',
    'listener',
  ),
  longlink_sessions: gauge('Devices that are welcome and online.', 'sum'),
  longlink_accepted_connections_total: counter('Connections taken by a listener.', 'listener'),
  longlink_refusals_total: counter('Connections refused, by close code name.', 'reason'),
  longlink_closes_total: counter('Connections ended, by close code name.', 'code'),
  longlink_tls_handshakes_total: counter('TLS handshakes: `full`, `resumed` or `failed`.', 'result'),
  longlink_frames_total: counter('Frames, by direction: `in` or `out`.', 'direction'),
  longlink_frame_bytes_total: counter('Bytes of frames, by direction.', 'direction'),
  longlink_protocol_errors_total: counter('Frames that were none, or not allowed.'),
  longlink_slow_sockets: gauge('Device sockets over link.maxQueuedBytes now.', 'sum'),

  longlink_sync_calls_total: counter('Calls of `/webapi/sync/*`, by result code.', 'result'),
  longlink_openapi_calls_total: counter(
    'Calls of the signed APIs, by action (empty when it is not known) and result or error code.',
    'action',
    'code',
  ),
  longlink_appends_total: counter(
    'Append requests: `stored`, `duplicate`, `scheduled` or `failed`.',
    'result',
  ),
  longlink_append_seconds: histogram('Time from the call to the durable answer.', FAST_SECONDS),
  longlink_oplogs_total: counter(
    'What happened to oplogs for single readers: `sent`, `acked`, `retransmitted`, `dead`, `filtered`, `expired`, `passed` (threshold), `dropped` (non-persisted).',
    'instance',
    'biz',
    'step',
  ),
  longlink_points_ahead_total: counter(
    'Sync points ahead of the stored stream: a tail may have been lost here.',
  ),
  longlink_floors_raised_total: counter(
    'Streams whose counter was raised above a device: data was lost here.',
  ),
  longlink_progress_writes_total: counter('Cursor batches: `ok` or `failed`.', 'result'),
  longlink_validations_total: counter('User-consistency checks: `valid`, `invalid` or `failed`.', 'result'),

  longlink_push_schedules_total: counter(
    'Planned times of scheduled pushes: `fired`, `missed` (too late), `failed` (refused) or `retried` (the store did not take all).',
    'result',
  ),
  longlink_push_schedule_late_seconds: histogram('From the planned time to the push.', FAST_SECONDS),

  longlink_push_receipts_total: counter(
    'Receipts: `queued`, `delivered`, `retried`, `dead` (given up) or `dropped` (too many wait, or switched off).',
    'result',
  ),
  longlink_push_receipts_waiting: gauge('Receipts that are not delivered yet.', 'sum'),

  longlink_push_reports_total: counter(
    'What devices reported of pushes: `arrived`, `opened` or `ignored`.',
    'event',
  ),

  longlink_routes: gauge('Sessions in the route table.', 'sum'),
  longlink_fences_total: counter('Older sessions fenced: `confirmed` or `timeout`.', 'result'),
  longlink_workers: gauge('Link workers joined to control.', 'sum'),
  longlink_bus_messages_total: counter('Bus messages of control, by direction.', 'direction'),
  longlink_bus_queued_messages: gauge('Bus messages waiting for workers.', 'sum'),
  longlink_bus_dropped_wakes_total: counter('Wakes not sent because a worker was behind.'),
  longlink_bus_overflows_total: counter('Bus connections given up because too much waited.'),

  longlink_redis_up: gauge('Whether the process is connected to Redis: 1 or 0.', 'max', 'role'),
  longlink_redis_problems: gauge(
    'Settings of the Redis servers that do not keep the configured level; the log names them.',
    'max',
  ),
  longlink_nodes: gauge('Nodes of the cluster that have their lease, as this one knows them.', 'max'),
  longlink_node_lease_seconds: gauge('What is left of the lease of this node; at 0 it sends no data.', 'max'),
  longlink_node_lag_seconds: gauge('Turnaround of the last renewal of the lease.', 'max'),
  longlink_node_messages_total: counter('Messages between nodes, by direction.', 'direction'),
  longlink_node_messages_dropped_total: counter('Messages to other nodes that Redis did not take.'),
  longlink_node_fences_total: counter(
    'Older sessions fenced on other nodes: `confirmed` or `timeout`.',
    'result',
  ),

  longlink_clock_held_seconds: gauge('Step of the system clock that is not believed, else 0.', 'max'),
  longlink_certificate_reloads_total: counter('Certificate reloads: `ok` or `failed`.', 'result'),
  longlink_certificate_expires_seconds: gauge('Unix time at which the TLS certificate in use ends.', 'max'),
  longlink_event_loop_lag_seconds: gauge(
    'Lag of the event loop since the last scrape.',
    'max',
    'role',
    'quantile',
  ),
  longlink_process_resident_bytes: gauge('Resident memory.', 'sum', 'role'),
  longlink_process_cpu_seconds_total: counter('Processor time, user and system.', 'role'),

  longlink_conservation: gauge(
    'Records since the store was made: `accepted`, `retained`, `expired`, `consumed`, `trimmed`, `revoked`, `deleted`.',
    'max',
    'instance',
    'biz',
    'part',
  ),
  longlink_conservation_gap: gauge(
    'accepted - retained - ended. Anything but 0 is a fault.',
    'max',
    'instance',
    'biz',
  ),
  longlink_damaged_rows_total: counter(
    'Reads that met a stored row whose checksum is wrong; the row is left out.',
  ),
  longlink_sweep_expired_total: counter('Records ended by the background expiry.'),
  longlink_due_appended_total: counter('Scheduled records whose time came.'),
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

/** The catalogue as a Markdown table, for docs/operations.md. */
export function metricReference(): string {
  const rows = Object.entries<MetricDefinition>(METRICS).map(
    ([name, { type, labels, help }]) => `| \`${name}\` | ${type} | ${labels.join(', ')} | ${help} |`,
  );
  return ['| Metric | Type | Labels | Meaning |', '|---|---|---|---|', ...rows].join('\n');
}
