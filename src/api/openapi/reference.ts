/** Prints the reference of the signed APIs from the table of actions: docs/openapi/reference.md. */
import { MPS_CODES } from '../../push/codes.js';
import type { Action } from './action.js';
import { GATEWAY_ERRORS } from './gateway-errors.js';
import type { ProblemCodes, Schema } from './parameters.js';

const HEAD = `# Signed API reference

Printed from the table of actions (\`src/api/openapi/actions/\`); do not edit. A test holds it equal.

One endpoint, path \`/\`, GET or POST. Parameters come from the query and from a form body, in any case;
an empty value is the same as none; other names are ignored. "Codes" are the result codes of a
parameter that is missing or cannot be used, where they are not those of its API.
`;

/** The whole page. */
export function printReference(actions: readonly Action[]): string {
  return [HEAD, ...actions.map(printAction), printCodes()].join('\n');
}

function printAction(action: Action): string {
  const served = action.run === null ? ' **Not served yet: answered `UnsupportedOperation`.**' : '';
  return [
    `## ${action.name}`,
    '',
    `${action.about}${served}`,
    '',
    `API: ${action.family.name}, ${action.versions.join(', ')}.`,
    action.answer === '' ? '' : `\nAnswer: ${action.answer}`,
    '',
    '| parameter | required | value | meaning | codes |',
    '| --- | --- | --- | --- | --- |',
    ...printRows(action.parameters, ''),
    '',
  ]
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n');
}

function printRows(schema: Schema, path: string): string[] {
  return Object.entries(schema).flatMap(([name, parameter]) => {
    const { kind, required, about, codes } = parameter;
    const full = kind.fields === undefined ? path + name : `${path}${name}.N`;
    const row = [`\`${full}\``, required ? 'yes' : '', kind.about, about, printProblems(codes)];
    const nested = kind.fields === undefined ? [] : printRows(kind.fields, `${full}.`);
    return [`| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`, ...nested];
  });
}

function printProblems(codes: ProblemCodes): string {
  const problems = { missing: 'missing', invalid: 'not valid', tooLong: 'too long', tooMany: 'too many' };
  return Object.entries(problems)
    .flatMap(([problem, words]) => {
      const code = codes[problem as keyof ProblemCodes];
      return code === undefined ? [] : [`${words}: \`${code}\``];
    })
    .join(', ');
}

function printCodes(): string {
  const gateway = Object.entries(GATEWAY_ERRORS).map(
    ([code, { status, message }]) => `| \`${code}\` | ${status} | ${message.replace('%s', '…')} |`,
  );
  const push = Object.entries(MPS_CODES).map(([code, [name, text]]) => `| ${code} | \`${name}\` | ${text} |`);
  return [
    '## Gateway errors',
    '',
    'Answered as an error envelope, before or instead of an action; by Mobile Push also for its own refusals.',
    '',
    '| code | HTTP status | message |',
    '| --- | --- | --- |',
    ...gateway,
    '',
    '## Result codes of message push',
    '',
    'Answered with HTTP 200. A push says success as `OK`, a template action as `100`.',
    '',
    '| code | name | meaning |',
    '| --- | --- | --- |',
    ...push,
    '',
  ].join('\n');
}
