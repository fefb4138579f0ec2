/** The push API of an instance, switched on or off: mPaaS MPS guide, 6.5. */
import { PushRefusal } from './codes.js';
import type { Push } from './push.js';

/** @param isOpen false: pushes of the instance are refused with 3032, scheduled ones at their time */
export function switchedPush(push: Push, isOpen: (instance: string) => boolean): Push {
  const requireOpen = (instance: string): void => {
    if (!isOpen(instance)) throw new PushRefusal('3032');
  };
  return {
    check(task, messages) {
      requireOpen(task.instance);
      push.check(task, messages);
    },
    async toTargets(task, messages) {
      requireOpen(task.instance);
      return push.toTargets(task, messages);
    },
    async toAll(task, message) {
      requireOpen(task.instance);
      return push.toAll(task, message);
    },
  };
}
