/** Back ends: they send, wait for the answer, and repeat the call with the same thirdMsgId when none comes. */
import type { SendRequest } from '../../src/core/delivery.js';
import type { Filter } from '../../src/core/model.js';
import {
  CONFIGS,
  configOf,
  DEVICE_DATA,
  DEVICES,
  encodePayload,
  INSTANCE,
  type Message,
  NEWEST,
  SINGLE,
  START_MS,
  USER_DATA,
  USERS,
} from './model.js';
import type { World } from './world.js';

const TIMEOUT_MS = 3_000;
const MAX_TRIES = 8;
/** What is sent more often than the rest, because it has more rules. */
const FAVOURITES = [DEVICE_DATA, USER_DATA, SINGLE, SINGLE, NEWEST];

export interface BackEnd {
  /** Sends something about every so many ms. */
  work(fromMs: number, toMs: number, everyMs: number): void;
}

export function createBackEnd(world: World): BackEnd {
  const { kernel, history, server } = world;
  const { random } = kernel;

  function make(): Message {
    const config = random.chance(0.6) ? random.pick(FAVOURITES) : random.pick(CONFIGS);
    const isUsers = config.object === 'user';
    const to = config.scope === 'global' ? '' : isUsers ? random.pick(USERS) : random.pick(DEVICES);
    const name = `m${history.messages.size + 1}`;
    const validMs = random.chance(0.08) ? random.int(1_000, 20_000) : 0;
    const message = { name, biz: config.biz, to, filter: random.chance(0.25) ? makeFilter() : null, validMs };
    history.messages.set(name, message);
    return message;
  }

  function makeFilter(): Filter {
    const kind = random.int(1, 5);
    if (kind === 1) return { os: random.pick(['ios', 'android']) };
    if (kind === 2) return { minVersion: '2.0' };
    if (kind === 3) return { maxVersion: '1.0' };
    if (kind === 4) return { minVersion: '2.0', maxVersion: '2.0' };
    return { minUid: 0, maxUid: 40 };
  }

  function request(message: Message): SendRequest {
    const { name, biz, to, filter, validMs } = message;
    const wall = START_MS + Math.floor(kernel.now()) + world.clockStepMs;
    return {
      instance: INSTANCE.key,
      biz,
      global: configOf(biz).scope === 'global',
      linkToken: to,
      thirdMsgId: name,
      payload: encodePayload(message),
      binary: false,
      ...filter,
      validEndMs: validMs > 0 ? wall + validMs : undefined,
      validStartMs: random.chance(0.03) && validMs === 0 ? wall + random.int(500, 5_000) : undefined,
    };
  }

  /** One call; the next try comes when its answer does not, or says that the outcome is unknown. */
  function call(message: Message, triesLeft: number): void {
    const { control } = server;
    let isOpen = true;
    const again = (): void => {
      if (!isOpen) return;
      isOpen = false;
      if (triesLeft === 0 || !configOf(message.biz).persisted) return;
      history.cover('call repeated');
      kernel.after(random.int(100, 2_000), null, () => call(message, triesLeft - 1));
    };
    kernel.after(TIMEOUT_MS, null, again);
    if (control === null) return;
    kernel.after(random.int(1, 30), control.process, () => {
      void control.send(request(message)).then(({ result }) => {
        history.note(() => `${message.name} to ${message.biz} ${message.to}: ${result}`);
        kernel.after(random.int(1, 30), null, () => {
          if (!isOpen) return;
          history.cover(`answered ${result}`);
          if (result === 'SYSTEM_ERROR' || result === 'BIZ_NOT_ONLINE') return again();
          isOpen = false;
          if (configOf(message.biz).persisted) history.accepted.add(message.name);
        });
      });
    });
  }

  return {
    work(fromMs, toMs, everyMs) {
      for (let at = fromMs; at < toMs; at += random.int(1, 2 * everyMs)) {
        const burst = random.chance(0.08) ? random.int(3, 9) : 1;
        kernel.after(at - kernel.now(), null, () => {
          for (let n = 0; n < burst; n++) call(make(), MAX_TRIES);
        });
      }
    },
  };
}
