/** The bugs that the fault tests plant. `find` is text of the built module, which `put` replaces. */

export interface Plant {
  /** Below build/src/. */
  readonly module: string;
  readonly find: string;
  readonly put: string;
}

export const PLANTS: Readonly<Record<string, Plant>> = {
  /** A device that comes back is taken to have everything already. */
  'skip-backlog': {
    module: 'core/handshake.js',
    find: "openFeeds(session, result.heads, 'connect', now, io);\n}\n/**\n * A point ahead",
    put: '}\n/**\n * A point ahead',
  },
  /** Transmissions without an answer are never counted. */
  'forget-attempts': {
    module: 'core/feed.js',
    find: 'feed.attempts++;',
    put: '',
  },
};
