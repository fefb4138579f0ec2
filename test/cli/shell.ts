/**
 * Runs command lines one after the other in one process, for the tests: starting Node anew for each
 * would take a second. main.js runs again for each line because its address differs.
 */
interface Line {
  readonly args: readonly string[];
}

const main = new URL('../../src/main.js', import.meta.url);
const exit = process.exit;
let lines = 0;

/** Thrown in place of the end of the process. */
class Ended extends Error {}

async function run({ args }: Line): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const write = { out: process.stdout.write, err: process.stderr.write };
  const { log, error } = console;
  process.stdout.write = (text: unknown) => {
    said.out += String(text);
    return true;
  };
  process.stderr.write = (text: unknown) => {
    said.err += String(text);
    return true;
  };
  console.log = (text: unknown) => process.stdout.write(`${text}\n`);
  console.error = (text: unknown) => process.stderr.write(`${text}\n`);
  process.argv = [process.execPath, main.pathname, ...args];
  lines += 1;
  process.exit = (code) => {
    process.exitCode = Number(code);
    throw new Ended();
  };
  try {
    await import(`${main.href}?line=${lines}`);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
  } finally {
    process.exit = exit;
    process.stdout.write = write.out;
    process.stderr.write = write.err;
    console.log = log;
    console.error = error;
  }
  const code = Number(process.exitCode ?? 0);
  process.exitCode = 0;
  return { code, ...said };
}

// One at a time: what is said belongs to the line that is running.
let last: Promise<void> = Promise.resolve();
process.on('message', (line: Line & { readonly id: number }) => {
  last = last.then(async () => {
    const outcome = await run(line);
    process.send?.({ id: line.id, ...outcome });
  });
});
