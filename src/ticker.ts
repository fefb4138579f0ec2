/** Repeated work: one run after the other, never two at once, and a failure does not end it. */

export interface Ticker {
  /** No further run begins; resolves when the one under way has ended. */
  stop(): Promise<void>;
}

/**
 * Runs `work` every `everyMs`, at multiples of it: an idle process wakes once for all that has the same pace. From
 * the end of one run to the next it is half a pace at least.
 *
 * @param work may return another pause in ms for this once, which begins at its end.
 * @param onError is told what a run threw.
 * @param firstMs from now to the first run; as after a run when left out.
 */
export function startTicker(
  everyMs: number,
  work: () => Promise<number | undefined>,
  onError: (error: unknown) => void,
  firstMs = untilBeat(everyMs),
): Ticker {
  let stopped = false;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout;

  const run = async (): Promise<void> => {
    let pauseMs: number | undefined;
    try {
      pauseMs = await work();
    } catch (error) {
      onError(error);
    }
    running = null;
    if (!stopped) arm(pauseMs ?? untilBeat(everyMs));
  };
  const arm = (ms: number): void => {
    timer = setTimeout(() => {
      running = run();
    }, ms);
  };
  arm(firstMs);

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

/** Whole ms: what is cut off a delay would end it just before the beat. */
function untilBeat(everyMs: number): number {
  const rest = Math.ceil(everyMs - (performance.now() % everyMs));
  return rest < everyMs / 2 ? rest + everyMs : rest;
}
