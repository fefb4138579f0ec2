/**
 * Message templates of an app: mPaaS MPS guide, 6.2, and the template actions of its OpenAPI.
 */

import type { DocStore } from '../core/ports.js';
import { PushRefusal } from './codes.js';
import { createTurns, type InTurn } from './turns.js';

export const TEMPLATE_COLLECTION = 'push-templates';
export const MAX_TEMPLATES = 100;
const MAX_TEXT = 200;
const MAX_URI = 2048;
const COUNTER = { collection: 'counters', key: 'push-template' } as const;

/** What a caller gives. Texts may hold placeholders: `#name#`. */
export interface TemplateFields {
  readonly name: string;
  readonly description: string;
  readonly title: string;
  readonly content: string;
  readonly uri: string;
  /** 0 web address, 1 activity. */
  readonly action: number;
  readonly silent: boolean;
  /** 0 default, 1 big text, 2 image and text. */
  readonly style: number;
  /** By channel; JSON object as text, or empty. */
  readonly imageUrls: string;
  readonly iconUrls: string;
}

export interface Template extends TemplateFields {
  /** Unique in the store, decimal text. */
  readonly id: string;
  readonly createdMs: number;
  readonly changedMs: number;
}

export interface TemplatePage {
  readonly templates: readonly Template[];
  readonly total: number;
}

export interface Templates {
  /** @throws {PushRefusal} for a name that is taken or not usable, too long texts, too many templates */
  create(instance: string, fields: TemplateFields): Promise<Template>;
  /** @throws {PushRefusal} 3022 */
  remove(instance: string, by: TemplateRef): Promise<void>;
  /** @throws {PushRefusal} 3022 */
  get(instance: string, by: TemplateRef): Promise<Template>;
  /** The newest first. @param page from 1 */
  list(instance: string, page: number, size: number): Promise<TemplatePage>;
}

/** By its name or, where that is empty, its id. */
export interface TemplateRef {
  readonly name: string;
  readonly id: string;
}

/**
 * One instance per store: names stay unique by doing the changes one after the other.
 *
 * @param now wall clock, ms
 * @param inTurn changes are done one after the other, on all nodes
 */
export function createTemplates(
  store: DocStore,
  now: () => number,
  inTurn: InTurn = createTurns(),
): Templates {
  const all = async (instance: string): Promise<Template[]> => {
    const docs = await store.docs(TEMPLATE_COLLECTION, `${instance}/`, MAX_TEMPLATES);
    return docs.map((doc) => doc.value as Template);
  };
  const find = async (instance: string, by: TemplateRef): Promise<Template> => {
    if (by.name === '' && by.id === '') throw new PushRefusal('3037');
    const found =
      by.name === ''
        ? (await all(instance)).find((template) => template.id === by.id)
        : await store.doc(TEMPLATE_COLLECTION, keyOf(instance, by.name));
    if (found === undefined || found === null) throw new PushRefusal('3022');
    return found as Template;
  };

  return {
    create: (instance, fields) => {
      checkFields(fields);
      return inTurn(async () => {
        const key = keyOf(instance, fields.name);
        if ((await store.doc(TEMPLATE_COLLECTION, key)) != null) throw new PushRefusal('3036');
        if ((await all(instance)).length >= MAX_TEMPLATES) throw new PushRefusal('3056');
        const number = numberOf(await store.doc(COUNTER.collection, COUNTER.key)) + 1;
        const atMs = now();
        const template = { ...fields, id: String(number), createdMs: atMs, changedMs: atMs };
        await store.saveDocs([
          { collection: TEMPLATE_COLLECTION, key, value: template },
          { ...COUNTER, value: number },
        ]);
        return template;
      });
    },
    remove: (instance, by) =>
      inTurn(async () => {
        const { name } = await find(instance, by);
        await store.saveDocs([{ collection: TEMPLATE_COLLECTION, key: keyOf(instance, name), value: null }]);
      }),
    get: find,
    async list(instance, page, size) {
      const templates = await all(instance);
      templates.sort((a, b) => Number(b.id) - Number(a.id));
      return { templates: templates.slice((page - 1) * size, page * size), total: templates.length };
    },
  };
}

/** Names have no slash, so an instance's templates never lie among another's. */
function keyOf(instance: string, name: string): string {
  return `${instance}/${name}`;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** Letters of any script: the guide's own samples are named in Chinese. Never a comma or a slash. */
const NAME = /^[\p{L}\p{N}_.-]+$/u;

function checkFields(fields: TemplateFields): void {
  if (fields.name === '') throw new PushRefusal('3037');
  if (isLonger(fields.name, MAX_TEXT) || !NAME.test(fields.name)) throw new PushRefusal('3038');
  if (fields.title === '' || isLonger(fields.title, MAX_TEXT)) throw new PushRefusal('3040');
  if (fields.content === '' || isLonger(fields.content, MAX_TEXT)) throw new PushRefusal('3039');
  if (isLonger(fields.description, MAX_TEXT)) throw new PushRefusal('3041');
  if (isLonger(fields.uri, MAX_URI) || /\s/.test(fields.uri)) throw new PushRefusal('3042');
}

function isLonger(text: string, max: number): boolean {
  return text.length > max && (text.length > 2 * max || [...text].length > max);
}

const PLACEHOLDER = /#([\p{L}\p{N}_]{1,128})#/gu;

/** Names of the placeholders in title, content and uri, each once, in the order of their first use. */
export function placeholders(template: TemplateFields): string[] {
  const texts = [template.title, template.content, template.uri];
  const names = texts.flatMap((text) => [...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? ''));
  return [...new Set(names)];
}

/** Title, content and uri with the values in place of the placeholders. */
export interface RenderedTemplate {
  readonly title: string;
  readonly content: string;
  readonly uri: string;
}

/**
 * Puts values in. They are taken as they are: a value that looks like a placeholder stays one.
 *
 * @throws {PushRefusal} 3023 when a placeholder has no value
 */
export function renderTemplate(
  template: TemplateFields,
  values: ReadonlyMap<string, string>,
): RenderedTemplate {
  const missing = placeholders(template).filter((name) => !values.has(name));
  if (missing.length > 0) throw new PushRefusal('3023', `no value for ${missing.join(', ')}`);
  const fill = (text: string): string =>
    text.replace(PLACEHOLDER, (_, name: string) => values.get(name) ?? '');
  return { title: fill(template.title), content: fill(template.content), uri: fill(template.uri) };
}
