/** Samples of a load process as a histogram. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

export function samplesToHistogram(samples: Uint32Array): RecordableHistogram {
  const histogram = createHistogram();
  for (const sample of samples) histogram.record(Math.max(1, sample));
  return histogram;
}
