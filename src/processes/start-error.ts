/** Why a server ended, in its exit code and in one line. docs/operations.md lists the codes. */

export const ExitCode = {
  /** Ended by a signal or an operator, everything flushed. */
  OK: 0,
  /** A fault of the program, or of the store; the supervisor starts the process again. */
  FAULT: 1,
  /** The command line or the configuration cannot be used. */
  USAGE: 2,
  /** A port cannot be listened on. */
  LISTEN: 3,
  /** The data directory cannot be used, or another server uses it. */
  DATA_DIR: 4,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The server cannot start; `message` is all that the operator needs. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What went wrong at start, as one line: for listening on a port with the address it was about. */
export function asStartError(error: unknown): StartError {
  if (error instanceof StartError) return error;
  const { code, message, address, port } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  const place = `${address ?? ''}:${port ?? ''}`;
  switch (code) {
    case 'EADDRINUSE':
      return new StartError(`${place} is in use by another program`, ExitCode.LISTEN);
    case 'EACCES':
      if (port !== undefined)
        return new StartError(`${place}: no permission to listen there`, ExitCode.LISTEN);
      break;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartError(`${place} is no address of this machine`, ExitCode.LISTEN);
  }
  return new StartError(message ?? String(error), ExitCode.FAULT);
}
