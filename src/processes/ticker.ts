/** Repeated work: one run after the other, never two at once, and a failure does not end it. */

export interface Ticker {
  /** No further run begins; resolves when the one under way has ended. */
  stop(): Promise<void>;
}

/**
 * Runs `work` after `everyMs` again and again. It may return another pause in ms for this once.
 *
 * @param onError is told what a run threw.
 */
export function startTicker(
  everyMs: number,
  work: () => Promise<number | undefined>,
  onError: (error: unknown) => void,
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
    if (!stopped) arm(pauseMs ?? everyMs);
  };
  const arm = (ms: number): void => {
    timer = setTimeout(() => {
      running = run();
    }, ms);
  };
  arm(everyMs);

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
