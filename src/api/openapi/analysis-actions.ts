/** The analysis of pushes as its actions answer. */

import type { ChannelLabel } from '../../push/analysis/counts.js';
import type { CountedKind } from '../../push/analysis/message-id.js';
import { percent, type Sums } from '../../push/analysis/queries.js';
import type { CountedTask } from '../../push/analysis/tasks.js';
import { PushRefusal } from '../../push/codes.js';
import type { Call } from './action.js';
import type { Fields } from './families.js';

interface AppValues {
  readonly WorkspaceId: string;
  readonly AppId: string;
}

export interface IndexValues extends AppValues {
  readonly StartTime: number;
  readonly EndTime: number;
  readonly Platform: string | undefined;
  readonly Channel: ChannelLabel | undefined;
  readonly Type: CountedKind | undefined;
  readonly TaskId: string | undefined;
}

const MAX_SPAN_MS = 90 * 86_400_000;
const PAGE_SIZE = 500;

/** Numbers of messages and devices, and rates in percent: arrival of what was pushed, the others of what arrived. */
export async function coreIndex(values: IndexValues, call: Call): Promise<Readonly<Record<string, number>>> {
  const instance = await call.instance(values.WorkspaceId, values.AppId);
  const spanMs = values.EndTime - values.StartTime;
  if (spanMs < 0 || spanMs > MAX_SPAN_MS)
    throw new PushRefusal('3028', 'EndTime is 0 to 90 days after StartTime');
  return shownSums(
    await call.services.analysis.index({
      instance,
      fromMs: values.StartTime,
      toMs: values.EndTime,
      platform: values.Platform ?? null,
      channel: values.Channel ?? null,
      kind: values.Type ?? null,
      taskId: values.TaskId ?? null,
    }),
  );
}

function shownSums({ total, pushed, arrived, opened, ignored }: Sums) {
  return {
    PushTotalNum: total,
    PushNum: pushed,
    ArrivalNum: arrived,
    ArrivalRate: percent(arrived, pushed),
    OpenNum: opened,
    OpenRate: percent(opened, arrived),
    IgnoreNum: ignored,
    IgnoreRate: percent(ignored, arrived),
  };
}

/** The same with all numbers as texts: how the older action's model has them. */
export function asTexts(numbers: Readonly<Record<string, number>>): Fields {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]));
}

interface TaskListValues extends AppValues {
  readonly StartTime: number;
  readonly TaskId: string | undefined;
  readonly TaskName: string | undefined;
  readonly PageNumber: number | undefined;
  readonly PageSize: number | undefined;
}

const TASK_TYPE: Partial<Record<CountedKind, number>> = { MULTIPLE: 2, BROADCAST: 3 };

export async function taskList(values: TaskListValues, call: Call): Promise<Fields> {
  const tasks = await call.services.analysis.tasks({
    instance: await call.instance(values.WorkspaceId, values.AppId),
    fromMs: values.StartTime,
    taskId: values.TaskId ?? '',
    name: values.TaskName ?? '',
    page: values.PageNumber ?? 1,
    size: values.PageSize ?? PAGE_SIZE,
  });
  return { ResultContent: { Data: tasks.map(shownTask) } };
}

function shownTask({ taskId, name, templateId, templateName, kind }: CountedTask): Fields {
  return {
    TaskId: taskId,
    TaskName: name,
    TemplateId: templateId,
    TemplateName: templateName,
    Type: TASK_TYPE[kind],
    GmtCreate: Math.floor(Number(taskId) / 1000),
  };
}

interface TaskValues extends AppValues {
  readonly TaskId: string;
}

/** @throws {PushRefusal} 3028 for a task that is not known */
export async function taskDetail(values: TaskValues, call: Call): Promise<Fields> {
  const instance = await call.instance(values.WorkspaceId, values.AppId);
  const found = await call.services.analysis.task(instance, values.TaskId);
  if (found === null)
    throw new PushRefusal('3028', 'no multiple or broadcast push of the last 90 days has this TaskId');
  const { task, sums } = found;
  const startMs = Math.floor(Number(task.taskId) / 1000);
  const endMs = Math.max(startMs, task.endedMs);
  return {
    ResultContent: {
      Data: {
        // 16 digits: exact as a number.
        TaskId: Number(task.taskId),
        PushNum: sums.total,
        PushSuccessNum: sums.pushed,
        PushArrivalNum: sums.arrived,
        StartTime: startMs,
        EndTime: endMs,
        Duration: shownDuration(endMs - startMs),
      },
    },
  };
}

/** `00 小时 01 分 36 秒`, as the vendor's guide shows it; rounded up to the second. */
function shownDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const two = (number: number): string => String(Math.floor(number)).padStart(2, '0');
  return `${two(seconds / 3600)} 小时 ${two((seconds / 60) % 60)} 分 ${two(seconds % 60)} 秒`;
}
