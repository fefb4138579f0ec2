/** How commands print. */

/** @returns 0, so that a command can end with it. */
export function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

export function printJson(value: unknown): number {
  return print(JSON.stringify(value, null, 2));
}

/** Rows in columns, with a heading. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)),
  );
  return [heading, ...rows]
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A time as people and log files read it, with ms. */
export function time(ms: unknown): string {
  return typeof ms === 'number' ? new Date(ms).toISOString() : '';
}
