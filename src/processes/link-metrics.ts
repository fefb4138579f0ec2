/** What link/ counts, as metrics of the process. */
import type { LinkMetrics } from '../link/metrics.js';
import type { MetricName } from '../observe/metric-catalogue.js';
import type { Count, Metrics } from '../observe/metrics.js';

export function createLinkMetrics(metrics: Metrics): LinkMetrics {
  const named = (metric: MetricName, label: string): ((value: string) => Count) => {
    const known = new Map<string, Count>();
    return (value) => {
      let count = known.get(value);
      if (count === undefined) {
        count = metrics.count(metric, { [label]: value });
        known.set(value, count);
      }
      return count;
    };
  };
  const accepted = named('longlink_accepted_connections_total', 'listener');
  const refused = named('longlink_refusals_total', 'reason');
  const closes = named('longlink_closes_total', 'code');
  const tlsHandshakes = named('longlink_tls_handshakes_total', 'result');
  const reloads = named('longlink_certificate_reloads_total', 'result');
  const framesIn = metrics.count('longlink_frames_total', { direction: 'in' });
  const framesOut = metrics.count('longlink_frames_total', { direction: 'out' });
  const bytesIn = metrics.count('longlink_frame_bytes_total', { direction: 'in' });
  const bytesOut = metrics.count('longlink_frame_bytes_total', { direction: 'out' });
  const protocolErrors = metrics.count('longlink_protocol_errors_total');
  const open = new Map<string, number>();
  let slow = 0;
  // Zero is said too, so that an alarm on the rate has something to compare with.
  reloads('failed');
  reloads('ok');
  metrics.onCollect(() => {
    for (const [listener, count] of open) metrics.set('longlink_connections', count, { listener });
    metrics.set('longlink_slow_sockets', slow);
  });

  return {
    accepted: (listener) => accepted(listener).inc(),
    refused: (reason) => refused(reason).inc(),
    opened: (listener) => open.set(listener, (open.get(listener) ?? 0) + 1),
    closed(listener, code) {
      open.set(listener, (open.get(listener) ?? 0) - 1);
      closes(code).inc();
    },
    tlsHandshake: (result) => tlsHandshakes(result).inc(),
    frameReceived(bytes) {
      framesIn.inc();
      bytesIn.inc(bytes);
    },
    frameSent(bytes) {
      framesOut.inc();
      bytesOut.inc(bytes);
    },
    protocolError: () => protocolErrors.inc(),
    slowSockets(change) {
      slow += change;
    },
    certificateReload: (ok) => reloads(ok ? 'ok' : 'failed').inc(),
    certificateExpires: (wallMs) => metrics.set('longlink_certificate_expires_seconds', wallMs / 1000),
  };
}
