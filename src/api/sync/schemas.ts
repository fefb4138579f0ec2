/** Schema of the sync calls, for the OpenAPI description. */
import Type from 'typebox';
import type { SyncLimits } from '../../admin/service/sync-request.js';
import { type SyncKind, syncBodyProperties } from '../../admin/service/sync-schemas.js';
import { SyncResult } from '../../core/codes.js';

/** Schema of one route of `/webapi`, for the OpenAPI description. */
export function syncCallSchema(kind: SyncKind, prefix: string, limits: SyncLimits): Record<string, unknown> {
  return {
    operationId: `sync-${kind}${prefix === '/webapi-sync' ? '-other-path' : ''}`,
    summary: kind === 'single' ? 'Data for one user or device' : 'Data for everybody',
    tags: ['sync'],
    querystring: Type.Object({
      instanceId: Type.String({ description: '`workspaceId_appId`' }),
      sign: Type.Optional(
        Type.String({
          description:
            'RSA signature (SHA-256, PKCS#1 v1.5) over the raw body, base64 with `-` and `_`. Needed where the instance or the bizType has signatures switched on.',
        }),
      ),
    }),
    body: Type.Object(syncBodyProperties(kind, limits)),
    response: {
      200: Type.Object(
        {
          msg: Type.Enum(Object.keys(SyncResult) as SyncResult[], { description: 'Result code.' }),
          success: Type.Boolean(),
        },
        { description: 'Every answer, good or bad, has this form and status 200.' },
      ),
    },
  };
}
