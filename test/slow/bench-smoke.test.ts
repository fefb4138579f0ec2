/** Every scenario of the load harness in small: nothing lost, doubled, reordered, crossed or made up. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const MAIN = fileURLToPath(new URL('../../bench/main.js', import.meta.url));

t.setTimeout(240_000);

t.test('every scenario runs and finds nothing wrong', async (test) => {
  const { code, lines, complaints } = await runSmoke();
  test.ok(lines.length >= 10, `${lines.length} scenarios`);
  for (const line of lines) test.match(line, /^[a-z]+ +ok /, line);
  test.equal(code, 0, complaints);
});

async function runSmoke(): Promise<{ code: number | null; lines: string[]; complaints: string }> {
  // Without the test runner's hook in each of a hundred processes, which adds a quarter to the time.
  const command = ['-u', 'NODE_OPTIONS', process.execPath, MAIN, 'smoke', '--pin', 'none'];
  const child = spawn('env', command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    code,
    lines: output.split('\n').filter((line) => /^[a-z]+ +(ok|WRONG|FAILED) /.test(line)),
    complaints,
  };
}
