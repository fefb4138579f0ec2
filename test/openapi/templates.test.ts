import t from 'tap';
import { renderTemplate } from '../../src/push/templates.js';
import { SDK_CORES } from './sdk-cores.js';
import { get, startGateway } from './support.js';

const APP = { AppId: 'APP1', WorkspaceId: 'default' };
const FIELDS = {
  TemplateName: '测试模板',
  DescInfo: 'greeting',
  Title: '你好#name#',
  Content: '恭喜#name#中了#money#元',
  Uri: 'http://example.com/#/win?m=#money#',
  JumpAction: 1,
  ShowStyle: 1,
};

t.test('every vendor core creates, shows, lists and deletes templates', async (t) => {
  for (const core of SDK_CORES) {
    const gateway = await startGateway();
    const call = (action: string, parameters: Record<string, unknown>) =>
      core.call({ ...gateway, version: '2020-10-28', action, parameters: { ...APP, ...parameters } });
    const created = await call('CreateTemplate', FIELDS);
    t.match(
      created,
      { ok: true, body: { Code: '100', Msg: 'SUCCESS', Success: true, Data: '1' } },
      core.name,
    );
    t.match(await call('GetTemplate', { TemplateName: '测试模板' }), {
      ok: true,
      body: {
        Data: {
          Id: '1',
          Title: '你好#name#',
          Variables: 'name,money',
          Action: '1',
          ShowStyle: '1',
          PushStyle: '0',
        },
      },
    });
    await call('CreateTemplate', { ...FIELDS, TemplateName: 'second' });
    t.match(await call('ListTemplatePage', { CurrentPage: 1, PageSize: 1 }), {
      body: { Data: [{ Name: 'second' }], CurrentPage: 1, PageSize: 1, TotalSize: 2 },
    });
    t.match(await call('DeleteTemplate', { TemplateId: '1' }), { ok: true, body: { Code: '100' } });
    const gone = await call('GetTemplate', { TemplateName: '测试模板' });
    const code = gone.ok ? gone.body.Code : gone.code;
    t.equal(code, '3022', `${core.name}: ${gone.ok ? 'an answer' : 'an error'}`);
    await gateway.close();
  }
});

t.test('templates are refused with the codes of the guide', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  const create = (change: Record<string, string | undefined>) =>
    get(gateway, {
      Action: 'CreateTemplate',
      ...APP,
      TemplateName: 'a',
      Title: 't',
      Content: 'c',
      ...change,
    });
  const long = 'x'.repeat(201);
  const cases: [Record<string, string | undefined>, string, RegExp][] = [
    [{ AppId: undefined }, '3003', /^NEED_APPID_WORKSPACEID/],
    [{ WorkspaceId: '' }, '3003', /WorkspaceId/],
    [{ AppId: 'OTHER' }, '8014', /^ACCOUNT_NO_PERMISSION/],
    [{ TemplateName: undefined }, '3037', /^TEMPLATE_NAME_NULL/],
    [{ TemplateName: 'a,b' }, '3038', /^TEMPLATE_NAME_INVALID/],
    [{ TemplateName: 'a b' }, '3038', /^TEMPLATE_NAME_INVALID/],
    [{ TemplateName: long }, '3038', /^TEMPLATE_NAME_INVALID/],
    [{ Title: long }, '3040', /^TEMPLATE_TITLE_INVALID/],
    [{ Title: '' }, '3040', /^TEMPLATE_TITLE_INVALID/],
    [{ Content: long }, '3039', /^TEMPLATE_CONTENT_INVALID/],
    [{ DescInfo: long }, '3041', /^TEMPLATE_DESC_INFO_INVALID/],
    [{ Uri: 'http://a b' }, '3042', /^TEMPLATE_URI_INVALID/],
    [{ JumpAction: '5' }, '3028', /^INVALID_PARAM: param is invalid: JumpAction is not one of 0, 1$/],
  ];
  for (const [change, Code, Msg] of cases) {
    t.match(
      await create(change),
      { status: 200, json: { Code, Msg, Success: false } },
      JSON.stringify(change),
    );
  }
  t.match(await create({}), { json: { Code: '100' } });
  t.match(await create({}), { json: { Code: '3036', Msg: /^TEMPLATE_ALREADY_EXIST/ } });
  const nowhere = { Action: 'DeleteTemplate', ...APP };
  t.match(await get(gateway, nowhere), { json: { Code: '3037' } });
  t.match(await get(gateway, { ...nowhere, TemplateName: 'nobody' }), {
    json: { Code: '3022', Success: false },
  });
  const results = await Promise.all(
    Array.from({ length: 105 }, (_, index) => create({ TemplateName: `n${index}` })),
  );
  t.equal(results.filter((result) => result.json.Code === '100').length, 99, 'a hundred in all');
  t.equal(results.filter((result) => result.json.Code === '3056').length, 6);
});

t.test('a template in XML repeats the element of a list and escapes its texts', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  const create = (name: string, title: string) =>
    get(gateway, { Action: 'CreateTemplate', ...APP, TemplateName: name, Title: title, Content: 'c' });
  await create('a', '<b>&"\'\u0001');
  await create('b', 't');
  const { text } = await get(gateway, { Action: 'ListTemplatePage', ...APP, Format: 'XML' });
  t.match(text, /<ListTemplatePageResponse><RequestId>/);
  t.equal(text.match(/<Data>/g)?.length, 2);
  t.match(text, '<Title>&lt;b&gt;&amp;&quot;&apos;\ufffd</Title>');
});

t.test('placeholders take their values, once and as they are', async (t) => {
  const template = {
    name: 'n',
    description: '',
    title: '#a##b# #c',
    content: '100# # of #a#',
    uri: 'http://x/#/p?b=#b#',
    action: 0,
    silent: false,
    style: 0,
    imageUrls: '',
    iconUrls: '',
  };
  const values = new Map([
    ['a', '#b#'],
    ['b', '$&'],
    ['more', 'x'],
  ]);
  t.same(renderTemplate(template, values), {
    title: '#b#$& #c',
    content: '100# # of #b#',
    uri: 'http://x/#/p?b=$&',
  });
  t.throws(() => renderTemplate(template, new Map([['a', '']])), { code: '3023', message: 'no value for b' });
});
