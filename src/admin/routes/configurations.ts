/** Sync configurations. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { AdminOptions } from '../options.js';
import { actorOf, configView } from '../requests.js';
import * as schemas from '../schemas.js';
import * as service from '../service/configurations.js';

const PATH = '/v1/instances/:instance/configs';

const listConfigs = {
  tags: ['configurations'],
  operationId: 'listConfigs',
  summary: 'All configurations of an instance',
  params: schemas.instanceParams,
  response: schemas.answers(Type.Object({ configs: Type.Array(schemas.config) })),
};

const createConfig = {
  tags: ['configurations'],
  operationId: 'createConfig',
  summary: 'Create a configuration; it is online at once',
  params: schemas.instanceParams,
  body: schemas.newConfig,
  response: schemas.answers(schemas.config),
};

const getConfig = {
  tags: ['configurations'],
  operationId: 'getConfig',
  summary: 'One configuration',
  params: schemas.configParams,
  response: schemas.answers(schemas.config),
};

const changeConfig = {
  tags: ['configurations'],
  operationId: 'changeConfig',
  summary: 'Change a configuration',
  params: schemas.configParams,
  body: schemas.configChange,
  response: schemas.answers(schemas.config),
};

const switchSchema = (online: boolean) => ({
  tags: ['configurations'],
  operationId: online ? 'takeOnline' : 'takeOffline',
  summary: online ? 'Take a configuration online' : 'Take a configuration offline',
  params: schemas.configParams,
  response: schemas.answers(schemas.config),
});

const deleteConfig = {
  tags: ['configurations'],
  operationId: 'deleteConfig',
  summary: 'Delete an offline configuration and what is stored for it',
  params: schemas.configParams,
  response: schemas.answers(schemas.done),
};

export function registerConfigurations(server: FastifyInstance, options: AdminOptions): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const context = options.service;

  app.get(PATH, { schema: listConfigs }, (request) => ({
    configs: service.listConfigurations(context, request.params.instance).map(configView),
  }));
  app.post(PATH, { schema: createConfig }, async (request) => {
    const { bizType, ...fields } = request.body;
    const input = { biz: bizType, ...(fields as service.ConfigurationChange) };
    return configView(
      await service.createConfiguration(context, actorOf(request), request.params.instance, input),
    );
  });
  app.get(`${PATH}/:biz`, { schema: getConfig }, (request) =>
    configView(service.getConfiguration(context, request.params.instance, request.params.biz)),
  );
  app.patch(`${PATH}/:biz`, { schema: changeConfig }, async (request) => {
    const { instance, biz } = request.params;
    const change = request.body as service.ConfigurationChange;
    return configView(await service.changeConfiguration(context, actorOf(request), instance, biz, change));
  });
  registerSwitches(server, options);
}

function registerSwitches(server: FastifyInstance, options: AdminOptions): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const context = options.service;

  for (const online of [true, false]) {
    app.post(
      `${PATH}/:biz/${online ? 'online' : 'offline'}`,
      { schema: switchSchema(online) },
      async (request) => {
        const { instance, biz } = request.params;
        return configView(await service.setOnline(context, actorOf(request), instance, biz, online));
      },
    );
  }
  app.delete(`${PATH}/:biz`, { schema: deleteConfig }, async (request) => {
    const { instance, biz } = request.params;
    await service.deleteConfiguration(context, actorOf(request), instance, biz);
    return { ok: true };
  });
}
