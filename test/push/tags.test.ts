import t from 'tap';
import { matchesTags, parseTagExpression } from '../../src/push/tag-expression.js';
import { createTags, type TagClient } from '../../src/push/tags.js';
import { createMemoryStore } from '../../src/store/memory.js';

const device = (name: string): TagClient => ({ kind: 'device', name });
const account = (name: string): TagClient => ({ kind: 'account', name });

t.test('the example of the document picks men, not born in the nineties, active or not abroad', async (t) => {
  const expression = parseTagExpression(
    '{"and":[{"tag":"男性"},{"not":{"tag":"90后"}},{"or":[{"not":{"tag":"国外"}},{"tag":"活跃"}]}]}',
  );
  const matches = (...tags: string[]) => matchesTags(expression, new Set(tags));
  t.ok(matches('男性'));
  t.ok(matches('男性', '国外', '活跃'));
  t.notOk(matches('男性', '国外'));
  t.notOk(matches('男性', '90后'));
  t.notOk(matches('活跃'));
});

t.test('a plain text is one tag', async (t) => {
  t.same(parseTagExpression(' vip '), { kind: 'tag', tag: 'vip' });
  t.notOk(matchesTags(parseTagExpression('{"not":{"tag":"vip"}}'), new Set(['vip'])));
});

t.test('two levels and five operands, not of tags only; anything else is refused', async (t) => {
  const tag = { tag: 'a' };
  const good = [{ and: [tag, { or: [tag, tag, tag, tag, tag] }] }, { or: [{ and: [{ not: tag }] }] }];
  for (const expression of good) t.ok(parseTagExpression(JSON.stringify(expression)));
  const bad = [
    { and: [{ or: [{ and: [tag] }] }] },
    { and: [tag, tag, tag, tag, tag, tag] },
    { and: [] },
    { and: tag },
    { not: { and: [tag] } },
    { not: [tag] },
    { tag: '' },
    { tag: 5 },
    { tag: 'x'.repeat(129) },
    { tag: 'a', not: tag },
    { xor: [tag] },
    {},
    { and: [null] },
    { and: [[tag]] },
  ];
  for (const expression of bad) {
    t.throws(
      () => parseTagExpression(JSON.stringify(expression)),
      { name: 'TagExpressionError' },
      JSON.stringify(expression),
    );
  }
  for (const text of ['', '{', '{"__proto__":{"tag":"a"}}', `{"and":${'['.repeat(50_000)}`]) {
    t.throws(() => parseTagExpression(text), { name: 'TagExpressionError' });
  }
  const deep = `${'{"and":['.repeat(5_000)}{"tag":"a"}${']}'.repeat(5_000)}`;
  t.throws(() => parseTagExpression(deep), { name: 'TagExpressionError' });
});

t.test('tags are found from the client and the client from the tag', async (t) => {
  const tags = createTags(createMemoryStore());
  await tags.bind('w_a', [device('d1'), device('d2'), account('d1')], ['b', 'a/x']);
  await tags.bind('w_a', [device('d1')], ['c', 'b']);
  await tags.bind('w_other', [device('d1')], ['z']);
  t.same(await tags.list('w_a'), ['a/x', 'b', 'c']);
  t.same(await tags.of('w_a', device('d1')), ['a/x', 'b', 'c']);
  t.same(await tags.of('w_a', account('d1')), ['a/x', 'b']);
  t.same(await tags.of('w_a', device('nobody')), []);
  const holders = await tags.clients('w_a', 'b', 10);
  t.same(holders.map(({ kind, name }) => `${kind} ${name}`).sort(), ['account d1', 'device d1', 'device d2']);
  t.equal((await tags.clients('w_a', 'b', 2)).length, 2);

  await tags.unbind('w_a', [device('d1'), device('d1'), device('d2')], ['b', 'never']);
  t.same(await tags.of('w_a', device('d1')), ['a/x', 'c']);
  t.same(await tags.clients('w_a', 'b', 10), [account('d1')]);
  t.same(await tags.list('w_a'), ['a/x', 'b', 'c'], 'one account still has it');
  await tags.unbind('w_a', [account('d1')], ['b']);
  t.same(await tags.list('w_a'), ['a/x', 'c'], 'a tag that nobody has is gone');
});

t.test('an app has at most 128 tags, also when bound at once', async (t) => {
  const tags = createTags(createMemoryStore());
  const names = Array.from({ length: 130 }, (_, index) => `t${index}`);
  const results = await Promise.allSettled(names.map((name) => tags.bind('w_a', [device('d')], [name])));
  t.equal(results.filter(({ status }) => status === 'fulfilled').length, 128);
  t.equal((await tags.list('w_a')).length, 128);
  t.equal((await tags.of('w_a', device('d'))).length, 128);
  await tags.bind('w_a', [device('e')], ['t0']);
  await t.rejects(tags.bind('w_a', [device('e')], ['t1', 'new']), { name: 'TooManyTags' });
  t.same(await tags.of('w_a', device('e')), ['t0'], 'nothing of a refused call is kept');
});
