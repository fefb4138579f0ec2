/** Aliases of the device, by which pushes may address it (docs/protocol.md 7.6). */
import { FrameResult } from '../core/codes.js';
import type { Link } from './link.js';

export interface AliasCalls {
  /** Gives the device an alias. @throws {Error} (as rejection) when it is not connected, or refused. */
  bindAlias(alias: string): Promise<void>;
  /** Takes an alias from the device. @throws {Error} as `bindAlias` */
  unbindAlias(alias: string): Promise<void>;
  /** The aliases of the device, by name. @throws {Error} as `bindAlias` */
  listAliases(): Promise<string[]>;
}

export function createAliasCalls(link: () => Link): AliasCalls {
  const ask = async (frame: Parameters<Link['request']>[0]): Promise<readonly string[]> => {
    const { code, names } = await link().request(frame);
    if (code !== FrameResult.OK) throw new Error(`${frame.type}: ${code}`);
    return names ?? [];
  };
  return {
    async bindAlias(alias) {
      await ask({ type: 'bindAlias', alias });
    },
    async unbindAlias(alias) {
      await ask({ type: 'unbindAlias', alias });
    },
    listAliases: async () => [...(await ask({ type: 'listAliases' }))],
  };
}
