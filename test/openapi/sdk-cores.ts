/** The vendor's four client cores behind one call, each as its own generated clients use it. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export interface SdkCall {
  readonly port: number;
  readonly keyId: string;
  readonly secret: string;
  readonly version: string;
  readonly action: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Mobile Push operations carry their parameters in the query, mPaaS operations in the body. */
  readonly inQuery?: boolean;
}

/** What the SDK gave back: a body, or its error as the caller would see it. */
export type SdkResult =
  | { readonly ok: true; readonly body: Record<string, unknown> }
  | { readonly ok: false; readonly code: string; readonly name: string; readonly message: string };

export interface SdkCore {
  readonly name: string;
  /** How this core changes the code of a gateway error. */
  readonly errorCode: (code: string) => string;
  readonly call: (call: SdkCall) => Promise<SdkResult>;
}

type Constructor = new (
  options: Record<string, unknown>,
) => Record<string, (...args: unknown[]) => Promise<unknown>>;
type Model = new (fields: Record<string, unknown>) => unknown;

const PopCore = require('@alicloud/pop-core') as Constructor;
const RpcClient = require('@alicloud/rpc-client') as { default: Constructor; Config: Model };
const OpenApiClient = require('@alicloud/openapi-client') as {
  default: Constructor;
  Config: Model;
  OpenApiRequest: Model;
  Params: Model;
};
const OpenApiCore = require('@alicloud/openapi-core') as {
  default: Constructor;
  $OpenApiUtil: { Config: Model; OpenApiRequest: Model; Params: Model };
};
const TeaUtil = require('@alicloud/tea-util') as { RuntimeOptions: Model };
const Dara = require('@darabonba/typescript') as { RuntimeOptions: Model };

async function settle(answer: Promise<unknown>): Promise<SdkResult> {
  try {
    const value = (await answer) as Record<string, unknown>;
    return { ok: true, body: (value.body ?? value) as Record<string, unknown> };
  } catch (error) {
    const failure = error as { code?: string; name?: string; message?: string };
    return {
      ok: false,
      code: String(failure.code),
      name: String(failure.name),
      message: String(failure.message),
    };
  }
}

function popCore(method: 'GET' | 'POST'): SdkCore {
  return {
    name: `pop-core ${method}`,
    errorCode: (code) => code,
    call: ({ port, keyId, secret, version, action, parameters }) => {
      const client = new PopCore({
        endpoint: `http://127.0.0.1:${port}`,
        apiVersion: version,
        accessKeyId: keyId,
        accessKeySecret: secret,
        codes: ['100'],
        opts: { agent: false },
      });
      return settle(
        client.request?.(action, parameters, { method }) ?? Promise.reject(new Error('no request')),
      );
    },
  };
}

const rpcClient: SdkCore = {
  name: 'rpc-client',
  errorCode: (code) => `${code}Error`,
  call: ({ port, keyId, secret, version, action, parameters, inQuery }) => {
    const config = new RpcClient.Config({
      accessKeyId: keyId,
      accessKeySecret: secret,
      endpoint: `127.0.0.1:${port}`,
      protocol: 'http',
      type: 'access_key',
    });
    const client = new RpcClient.default(config as Record<string, unknown>);
    const query = inQuery === true ? parameters : {};
    const body = inQuery === true ? {} : parameters;
    const runtime = new TeaUtil.RuntimeOptions({ autoretry: false });
    const answer = client.doRequest?.(action, 'http', 'POST', version, 'AK', query, body, runtime);
    return settle(answer ?? Promise.reject(new Error('no doRequest')));
  },
};

interface TeaModule {
  readonly Client: Constructor;
  readonly Config: Model;
  readonly Request: Model;
  readonly Params: Model;
  readonly Runtime: Model;
}

function tea(name: string, module: TeaModule, signatureAlgorithm: string | undefined): SdkCore {
  return {
    name: `${name} ${signatureAlgorithm === 'v2' ? 'V1' : 'ACS3'}`,
    errorCode: (code) => code,
    call: ({ port, keyId, secret, version, action, parameters, inQuery }) => {
      const config = new module.Config({
        accessKeyId: keyId,
        accessKeySecret: secret,
        endpoint: `127.0.0.1:${port}`,
        protocol: 'http',
        ...(signatureAlgorithm === undefined ? {} : { signatureAlgorithm }),
      });
      const client = new module.Client(config as Record<string, unknown>);
      const params = new module.Params({
        action,
        version,
        protocol: 'HTTP',
        pathname: '/',
        method: 'POST',
        authType: 'AK',
        style: 'RPC',
        reqBodyType: 'formData',
        bodyType: 'json',
      });
      const request = new module.Request(inQuery === true ? { query: parameters } : { body: parameters });
      const answer = client.callApi?.(params, request, new module.Runtime({ autoretry: false }));
      return settle(answer ?? Promise.reject(new Error('no callApi')));
    },
  };
}

const CLIENT: TeaModule = {
  Client: OpenApiClient.default,
  Config: OpenApiClient.Config,
  Request: OpenApiClient.OpenApiRequest,
  Params: OpenApiClient.Params,
  Runtime: TeaUtil.RuntimeOptions,
};
const CORE: TeaModule = {
  Client: OpenApiCore.default,
  Config: OpenApiCore.$OpenApiUtil.Config,
  Request: OpenApiCore.$OpenApiUtil.OpenApiRequest,
  Params: OpenApiCore.$OpenApiUtil.Params,
  Runtime: Dara.RuntimeOptions,
};

export const SDK_CORES: readonly SdkCore[] = [
  popCore('GET'),
  popCore('POST'),
  rpcClient,
  tea('openapi-client', CLIENT, undefined),
  tea('openapi-client', CLIENT, 'v2'),
  tea('openapi-core', CORE, undefined),
  tea('openapi-core', CORE, 'v2'),
];
