/**
 * Tag expressions: Mobile Push OpenAPI 2015-08-27, "tag format". JSON objects of `and`, `or`, `not`
 * and `tag`.
 */

import { isUsableName } from './names.js';

/** Which readers of tags are meant. At most two levels of `and` and `or`, so evaluation stays shallow. */
export type TagExpression =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'not'; readonly tag: string }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly TagExpression[] };

export const MAX_TAG_LEVELS = 2;
export const MAX_TAG_OPERANDS = 5;
export const MAX_TAG_CHARACTERS = 128;
/** With the name of a client beside it a tag still fits into a key of the store. */
export const MAX_TAG_BYTES = 384;
export const MAX_TAG_CLIENT_BYTES = 512;

/** What is wrong with an expression, for the caller. */
export class TagExpressionError extends Error {
  override readonly name = 'TagExpressionError';
}

/**
 * Reads a single tag's name, or an expression, which begins with a brace.
 *
 * @throws {TagExpressionError}
 */
export function parseTagExpression(text: string): TagExpression {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return { kind: 'tag', tag: checkTag(trimmed) };
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch {
    throw new TagExpressionError('the expression is no JSON');
  }
  return readNode(value, 0);
}

/** @param levels of `and` and `or` above */
function readNode(value: unknown, levels: number): TagExpression {
  const [operator, operand] = onlyEntry(value);
  switch (operator) {
    case 'tag':
      return { kind: 'tag', tag: checkTag(operand) };
    case 'not':
      return { kind: 'not', tag: readNegated(operand) };
    case 'and':
    case 'or':
      return { kind: operator, operands: readOperands(operand, levels + 1) };
    default:
      throw new TagExpressionError('an expression has one of and, or, not and tag');
  }
}

function readNegated(operand: unknown): string {
  const [name, tag] = onlyEntry(operand);
  if (name !== 'tag') throw new TagExpressionError('not takes a tag only');
  return checkTag(tag);
}

function readOperands(operand: unknown, levels: number): TagExpression[] {
  if (levels > MAX_TAG_LEVELS) {
    throw new TagExpressionError(`and and or nest at most ${MAX_TAG_LEVELS} levels`);
  }
  if (!Array.isArray(operand) || operand.length === 0 || operand.length > MAX_TAG_OPERANDS) {
    throw new TagExpressionError(`and and or take a list of 1 to ${MAX_TAG_OPERANDS}`);
  }
  return operand.map((item) => readNode(item, levels));
}

function onlyEntry(value: unknown): [string, unknown] {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length > 1 || Array.isArray(value)) {
    throw new TagExpressionError('an expression is an object with one field');
  }
  return entry;
}

function checkTag(tag: unknown): string {
  const usable =
    typeof tag === 'string' && isUsableName(tag, MAX_TAG_BYTES) && [...tag].length <= MAX_TAG_CHARACTERS;
  if (!usable) throw new TagExpressionError(`a tag is a text of 1 to ${MAX_TAG_CHARACTERS} characters`);
  return tag;
}

/** Whether a device or account with these tags is meant. */
export function matchesTags(expression: TagExpression, tags: ReadonlySet<string>): boolean {
  switch (expression.kind) {
    case 'tag':
      return tags.has(expression.tag);
    case 'not':
      return !tags.has(expression.tag);
    case 'and':
      return expression.operands.every((operand) => matchesTags(operand, tags));
    case 'or':
      return expression.operands.some((operand) => matchesTags(operand, tags));
  }
}
