/** Which messages a push task has sent, for as long as it can be taken back. */

import type { DocStore, DocWrite } from '../core/ports.js';
import { PUSH_BIZ } from '../core/push-streams.js';
import { REVOCABLE_MS, type RevokeItem } from '../core/revocation.js';

/** `instance/task id`. */
const TASKS = 'push-task-messages';
/** Tasks looked at in one step of forgetting. */
const FORGET_STEP = 500;

/** The form in which they are stored: stream and message id, short. */
interface TaskDocument {
  readonly createdMs: number;
  /** bizType, owner, business message id. */
  readonly messages: readonly (readonly [biz: string, owner: string, msgKey: string])[];
}

export interface SentMessage {
  readonly biz: string;
  readonly linkToken: string;
  readonly thirdMsgId: string;
}

/** To be written with the messages themselves. */
export function taskWrite(
  instance: string,
  taskId: string,
  sent: readonly SentMessage[],
  nowMs: number,
): DocWrite {
  const value: TaskDocument = {
    createdMs: nowMs,
    messages: sent.map(({ biz, linkToken, thirdMsgId }) => [biz, linkToken, thirdMsgId]),
  };
  return { collection: TASKS, key: `${instance}/${taskId}`, value };
}

/** The messages of a task, or null when it is not known, or was forgotten. */
export async function messagesOf(
  store: DocStore,
  instance: string,
  taskId: string,
): Promise<RevokeItem[] | null> {
  const stored = (await store.doc(TASKS, `${instance}/${taskId}`)) as TaskDocument | null;
  if (stored === null) return null;
  return stored.messages.map(([biz, owner, thirdMsgId]) => ({
    stream: { instance, kind: kindOf(biz), owner, biz },
    thirdMsgId,
  }));
}

function kindOf(biz: string): 'u' | 'd' | 'g' {
  if (biz === PUSH_BIZ.user) return 'u';
  return biz === PUSH_BIZ.device ? 'd' : 'g';
}

export interface TaskForgetter {
  /** One bounded step of forgetting tasks that are too old to be taken back. @returns whether it reached the end. */
  forget(nowMs: number): Promise<boolean>;
}

export function createTaskForgetter(store: DocStore): TaskForgetter {
  let position = '';
  return {
    async forget(nowMs) {
      const docs = await store.docs(TASKS, '', FORGET_STEP, position);
      position = docs.length < FORGET_STEP ? '' : (docs.at(-1)?.key ?? '');
      const old = docs.filter(({ value }) => (value as TaskDocument).createdMs + REVOCABLE_MS < nowMs);
      const writes = old.map(({ key }) => ({ collection: TASKS, key, value: null }));
      if (writes.length > 0) await store.saveDocs(writes);
      return position === '';
    },
  };
}
