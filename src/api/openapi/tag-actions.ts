/** What the tag actions of Mobile Push have in common. */
import { isUsableName } from '../../push/names.js';
import { MAX_TAG_BYTES, MAX_TAG_CLIENT_BYTES } from '../../push/tag-expression.js';
import { type TagClient, TooManyTags } from '../../push/tags.js';
import type { Call } from './action.js';
import { type Fields, Refusal } from './families.js';

/** @param keyType 1 devices, 2 accounts */
export function tagClients(names: readonly string[], keyType: 1 | 2): TagClient[] {
  return names.map((name) => ({ kind: keyType === 1 ? 'device' : 'account', name }));
}

/** BindTag and UnbindTag. */
export async function changeTags(
  call: Call,
  change: 'bind' | 'unbind',
  values: {
    readonly AppKey: number;
    readonly ClientKey: readonly string[];
    readonly KeyType: 1 | 2;
    readonly TagName: readonly string[];
  },
): Promise<Fields> {
  const instance = await call.appKeyInstance(values.AppKey);
  if (!values.TagName.every((tag) => isUsableName(tag, MAX_TAG_BYTES))) {
    throw new Refusal('InvalidParameter', 'TagName');
  }
  if (!values.ClientKey.every((name) => isUsableName(name, MAX_TAG_CLIENT_BYTES))) {
    throw new Refusal('InvalidParameter', 'ClientKey');
  }
  try {
    const clients = tagClients(values.ClientKey, values.KeyType);
    await call.services.tags[change](instance, clients, values.TagName);
  } catch (error) {
    if (error instanceof TooManyTags) throw new Refusal('InvalidParameter', 'TagName');
    throw error;
  }
  return {};
}

export function answerTags(tags: readonly string[]): Fields {
  return { TagInfos: { TagInfo: tags.map((tag) => ({ TagName: tag })) } };
}
