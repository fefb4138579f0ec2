/** Lists and cancels scheduled pushes: two actions, under two names each. */
import type { PlannedPush } from '../../push/schedules/schedules.js';
import type { Call } from './action.js';
import type { Fields } from './families.js';

interface AppValues {
  readonly WorkspaceId: string;
  readonly AppId: string;
}

interface ListValues extends AppValues {
  readonly StartTime: number;
  readonly EndTime: number;
  readonly Type: number | undefined;
  readonly UniqueId: string | undefined;
  readonly PageNumber: number | undefined;
  readonly PageSize: number | undefined;
}

const PAGE_SIZE = 500;
/** Made by a call of the API; 1 would be made on the console. */
const BY_API = 0;

export async function listSchedules(values: ListValues, call: Call): Promise<Fields> {
  const { total, pushes } = await call.services.schedules.list({
    instance: await call.instance(values.WorkspaceId, values.AppId),
    fromMs: values.StartTime,
    toMs: values.EndTime,
    kind: values.Type ?? null,
    uniqueId: values.UniqueId ?? null,
    page: values.PageNumber ?? 1,
    size: values.PageSize ?? PAGE_SIZE,
  });
  return { ResultContent: { Data: { TotalCount: total, List: pushes.map(view) } } };
}

function view({ uniqueId, task, child }: PlannedPush): Fields {
  return {
    UniqueId: uniqueId,
    ParentId: task.id,
    PushTime: child.atMs,
    PushTitle: task.title,
    PushContent: task.content,
    Type: task.kind,
    DeliveryType: task.deliveryType,
    StrategyType: task.strategyType,
    // Text, as the SDKs declare it. What was missed or refused was not executed either.
    ExecutedStatus: child.state === 'fired' ? '1' : '0',
    CreateType: BY_API,
    GmtCreate: task.createdMs,
  };
}

interface CancelValues extends AppValues {
  readonly UniqueIds: readonly string[];
  readonly Type: number | undefined;
}

/** Without `Type` both kinds of ids are taken: they cannot be mistaken for each other. */
export async function cancelSchedules(values: CancelValues, call: Call): Promise<Fields> {
  const instance = await call.instance(values.WorkspaceId, values.AppId);
  const as = values.Type === undefined ? 'either' : values.Type === 0 ? 'task' : 'child';
  const ids = values.UniqueIds;
  const done = await call.services.schedules.cancel(instance, ids, as);
  return { ResultContent: `{${ids.map((id, at) => `${id}=${done[at] === true ? 1 : 0}`).join(',')}}` };
}
