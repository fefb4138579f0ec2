/** A load process's end of its channel: the parent asks by name, one answer each; and it may be told things. */

/** What the parent sends. */
export interface Question {
  readonly seq: number;
  readonly name: string;
  readonly args: unknown;
}

/** What comes back: an answer to a question, or news without one (`seq` 0). */
export interface Reply {
  readonly seq: number;
  readonly name: string;
  readonly value?: unknown;
  readonly error?: string;
}

export type Handlers = Readonly<Record<string, (args: never) => unknown>>;

/** Serves the parent's questions; ends with the parent. The terminal's Ctrl-C is the parent's to handle. */
export function serveParent(handlers: Handlers): void {
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.on('message', (question: Question) => {
    void answer(handlers, question);
  });
}

async function answer(handlers: Handlers, { seq, name, args }: Question): Promise<void> {
  try {
    const handler = handlers[name];
    if (handler === undefined) throw new Error(`no such question: ${name}`);
    const value = await handler(args as never);
    say({ seq, name, value });
  } catch (error) {
    say({ seq, name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

/** News for the parent. */
export function tell(name: string, value: unknown): void {
  say({ seq: 0, name, value });
}

function say(reply: Reply): void {
  if (process.connected) process.send?.(reply);
}
