/** What the four push actions of mPaaS have in common: from parameters to the push service. */
import type { CountedKind } from '../../push/analysis/message-id.js';
import type { LoginState } from '../../push/audience.js';
import { PushRefusal } from '../../push/codes.js';
import type { DeliveryType, PushMessage, PushTask } from '../../push/push.js';
import { PushKind } from '../../push/schedules/schedules.js';
import { runPush, type StoredPush } from '../../push/schedules/stored-push.js';
import { StrategyType } from '../../push/schedules/strategy.js';
import { renderTemplate, type Template } from '../../push/templates.js';
import type { Call } from './action.js';

const NOTHING: ReadonlyMap<string, string> = new Map();

interface TaskValues {
  readonly WorkspaceId: string;
  readonly AppId: string;
  readonly DeliveryType: DeliveryType;
  readonly ExpiredSeconds: number;
  readonly ExtendedParams: ReadonlyMap<string, string> | undefined;
  readonly SmsStrategy?: number | undefined;
  readonly TaskName: string;
}

/** @throws {PushRefusal} for what this server does not do: it says so instead of leaving it out */
export async function taskOf(call: Call, values: TaskValues, kind: CountedKind): Promise<PushTask> {
  const instance = await call.instance(values.WorkspaceId, values.AppId);
  if ((values.SmsStrategy ?? 0) !== 0) {
    throw new PushRefusal('3028', 'SmsStrategy: this server sends no text messages');
  }
  return {
    instance,
    deliveryType: values.DeliveryType,
    expiredSeconds: values.ExpiredSeconds,
    extended: values.ExtendedParams ?? NOTHING,
    about: { kind, name: values.TaskName, templateId: '', templateName: '' },
  };
}

/** The task with what the analysis tells of its template. */
export function fromTemplate(task: PushTask, { id, name }: Template): PushTask {
  const { about } = task;
  return about === undefined ? task : { ...task, about: { ...about, templateId: id, templateName: name } };
}

/**
 * Pushes now, or keeps the push for its time.
 *
 * @returns the task id, or the id of the scheduled task
 */
export function pushOrSchedule(
  call: Call,
  values: {
    readonly StrategyType: number | undefined;
    readonly StrategyContent: Readonly<Record<string, unknown>> | undefined;
  },
  kind: PushKind,
  given: StoredPush,
): Promise<string> {
  const type = values.StrategyType ?? StrategyType.NOW;
  const now = type === StrategyType.NOW;
  // Simple and template pushes are taken back by their messages, unless they were scheduled.
  const task = {
    ...given.args[0],
    asTask: !now || kind === PushKind.MULTIPLE || kind === PushKind.BROADCAST,
  };
  const push = { ...given, args: [task, given.args[1]] } as StoredPush;
  if (now) return runPush(call.services.push, push);
  if (values.StrategyContent === undefined) throw new PushRefusal('3028', 'StrategyContent is missing');
  return call.services.schedules.create(kind, { type, content: values.StrategyContent }, push);
}

/** One message each for the targets of `TargetMsgkey`. */
export function messagesTo(
  targets: ReadonlyMap<string, string>,
  content: PushMessage['content'],
): PushMessage[] {
  return [...targets].map(([target, msgKey]) => message(target, msgKey, content, NOTHING));
}

export function message(
  target: string,
  msgKey: string,
  content: PushMessage['content'],
  extended: ReadonlyMap<string, string> | undefined,
): PushMessage {
  return { target, msgKey, content, extended: extended ?? NOTHING };
}

/** Of a template; the call's own presentation wins over the template's. */
export function contentOf(
  template: Template,
  values: ReadonlyMap<string, string> | undefined,
  own: { readonly PushAction: number | undefined; readonly Silent: number | undefined },
): PushMessage['content'] {
  const { style, imageUrls, iconUrls } = template;
  return {
    ...renderTemplate(template, values ?? NOTHING),
    action: own.PushAction ?? template.action,
    silent: own.Silent === undefined ? template.silent : own.Silent === 1,
    style,
    imageUrls,
    iconUrls,
  };
}

export function templateOf(call: Call, instance: string, name: string): Promise<Template> {
  return call.services.templates.get(instance, { name, id: '' });
}

/** A broadcast's login state. The own channel reaches the devices of all users alike. */
export function loginOf(values: {
  readonly PushStatus: LoginState['status'] | undefined;
  readonly BindPeriod: LoginState['bindPeriod'] | undefined;
  readonly UnBindPeriod: LoginState['unBindPeriod'] | undefined;
  readonly AndroidChannel: number | undefined;
}): LoginState {
  const { PushStatus: status = 0, BindPeriod: bindPeriod = 4, UnBindPeriod: unBindPeriod } = values;
  if (status === 0) return { status, bindPeriod, unBindPeriod: 4 };
  if (unBindPeriod === undefined) throw new PushRefusal('3051');
  if (values.AndroidChannel === 1) throw new PushRefusal('3053');
  return { status, bindPeriod, unBindPeriod };
}
