import { readFileSync } from 'node:fs';
import t from 'tap';
import { PLANTS } from './plants.js';

t.test('every bug to be planted finds its place in the built server', async (t) => {
  for (const [name, { module, find }] of Object.entries(PLANTS)) {
    const built = readFileSync(new URL(`../../src/${module}`, import.meta.url), 'utf8');
    t.equal(built.split(find).length - 1, 1, name);
  }
});
