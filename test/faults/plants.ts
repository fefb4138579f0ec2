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
    find: 'if (kind !== head.kind || owner !== head.owner ||',
    put: `if (cause === 'connect') setPoint(session, topic.slot, head.last);
        if (kind !== head.kind || owner !== head.owner ||`,
  },
  /** Success is answered while the commit is still to be written. */
  'answer-before-durable': {
    module: 'store/embedded/commits.js',
    find: 'await commitWithin(planned.batch, timeoutMs);',
    // Only what many callers wait for at once: the trial itself has to be set up.
    put: `if (planned.done.length > 4) {
                for (const { job, result } of planned.done) job.resolve(result);
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
            await commitWithin(planned.batch, timeoutMs);`,
  },
  /** Nothing is synced to the disk before the answer. */
  'no-sync': {
    module: 'store/embedded/environment.js',
    find: 'overlappingSync: false,',
    put: 'noSync: true,',
  },
  /** Nobody looks whether a commit has room on the disk. */
  'no-reserve': {
    module: 'store/embedded/commits.js',
    find: 'const room = disk.room();',
    put: "const room = 'plenty';",
  },
  /** Sessions are not announced to a control process that came back. */
  'never-announce': {
    module: 'link/host.js',
    find: 'announce: () => eachSession(host,',
    put: 'announce: () => void (host,',
  },
  /** A scheduled push that a crash cut short is finished as if it were another. */
  'fire-anew': {
    module: 'push/schedules/firing.js',
    find: "return { due, state: 'fired', outcome: await runPush(options.push, push) };",
    put: `const another = pushForOnce(push, '@' + Math.random(), left, pushIdOf(due));
        const outcome = await runPush(options.push, another);
        // So that the crash comes before the mark.
        await new Promise((resolve) => setTimeout(resolve, 6000));
        return { due, state: 'fired', outcome };`,
  },
  /** As many connections as come. */
  'no-connection-limit': {
    module: 'link/admission.js',
    find: 'connections >= limits.maxConnections',
    put: 'false',
  },
  /** Data is queued for a device that does not read, as long as there is any. */
  'no-queue-limit': {
    module: 'link/connection.js',
    find: '!socket.write(bytes) && socket.writableLength >= link.limits.maxQueuedBytes',
    put: 'socket.write(bytes) && false',
  },
  /** Who is bound stays bound, whoever comes after. */
  'forget-switch': {
    module: 'core/binding.js',
    find: 'session.user = to.userId;',
    put: "if (session.user === '') session.user = to.userId;",
  },
  /** Silence never ends a connection. */
  'no-heartbeat': {
    module: 'core/retry.js',
    find: 'now.mono >= silentAt',
    put: 'false',
  },
  /** Transmissions without an answer are never counted. */
  'forget-attempts': {
    module: 'core/feed.js',
    find: 'feed.attempts++;',
    put: '',
  },
  /** A worker sends although the route table has not been heard of for long. */
  'ignore-lease': {
    module: 'link/session-io.js',
    find: 'now().mono >= host.leaseUntilMono',
    put: 'false',
  },
  /** Every step of the system clock is followed at once. */
  'believe-clock': {
    module: 'clock.js',
    find: 'const { wall, mono, boot } = options.sources ?? SYSTEM_SOURCES;',
    put: `options = { ...options, maxStepMs: Number.POSITIVE_INFINITY };
    const { wall, mono, boot } = options.sources ?? SYSTEM_SOURCES;`,
  },
  /** Certificate files are read once. */
  'never-reload': {
    module: 'link/certificates.js',
    find: 'if (now === seen)',
    put: 'if (now !== undefined)',
  },
  /** A worker that ends cuts its devices off. */
  'silent-drain': {
    module: 'link/host.js',
    find: 'closeSession(host, io, session, CloseCode.DRAINING, retryAfterMs, redirect);',
    put: 'host.connections.get(session.no)?.socket.destroy();',
  },
  /** A call that is made again is taken for a new one. */
  'forget-calls': {
    module: 'store/embedded/append.js',
    find: 'if (first !== undefined && request.acceptedMs <',
    put: 'if (first !== undefined && false && request.acceptedMs <',
  },
  /** Children go on without their supervisor. */
  'orphans-stay': {
    module: 'processes/child.js',
    find: "process.on('disconnect', () => {",
    put: "process.on('never', () => {",
  },
  /** A worker that ended stays away. */
  'never-replace': {
    module: 'processes/seats.js',
    find: 'launch(seat, true).catch((error) =>',
    put: "if (seat.role === 'control') launch(seat, true).catch((error) =>",
  },
  /** A heartbeat that is a little late is none. */
  impatient: {
    module: 'core/retry.js',
    find: 'session.heartbeatMs * 1.5',
    put: 'session.heartbeatMs * 1.1',
  },
  /** The second connection of a device leaves the first one alone. */
  'never-fence': {
    module: 'processes/control-routes.js',
    find: 'const fence = (route, then) => {',
    put: 'const fence = (route, then) => { return then();',
  },
  /** As many new connections a second as come. */
  'no-accept-limit': {
    module: 'link/admission.js',
    find: 'const used = takeOne(acceptRate, acceptsUsedUntil, now().mono);',
    put: 'const used = now().mono;',
  },
  /** An ack is taken for everything that is on its way. */
  'trust-window': {
    module: 'core/feed.js',
    find: 'const id = Math.min(through, feed.maxSent);',
    put: 'const id = feed.maxSent;',
  },
  /** A commit that failed is answered like one that did not. */
  'answer-despite-failure': {
    module: 'store/embedded/commits.js',
    find: 'await commitWithin(planned.batch, timeoutMs);',
    // The process must live long enough for the answers to leave it.
    put: `await commitWithin(planned.batch, timeoutMs).catch(async (error) => {
        for (const { job, result } of planned.done) job.resolve(result);
        await new Promise((resolve) => setTimeout(resolve, 100));
        throw error;
    });`,
  },
  /** A caller waits as long as the disk takes. */
  'no-answer-timeout': {
    module: 'api/sync/handler.js',
    find: 'timer = setTimeout(resolve, options.answerTimeoutMs, null);',
    put: 'timer = setTimeout(resolve, 60_000, null);',
  },
  /** What is read from the disk is believed. */
  'skip-checksum': {
    module: 'store/record.js',
    find: 'bytes.readUInt32BE(CRC_AT) !== recordCrc(id, bytes)',
    put: 'false',
  },
  /** A call that could not be carried out is answered like one that was. */
  'error-is-success': {
    module: 'core/delivery.js',
    find: `if (error instanceof StoreUnavailable)
            return appends.map(() => refuse('SYSTEM_ERROR'));`,
    put: `if (error instanceof StoreUnavailable)
            return appends.map(() => refuse('SUCCESS'));`,
  },
  /** A write is answered before any replica has it. */
  'forget-wait': {
    module: 'store/redis/lanes.js',
    find: 'await runBatch(lane.client, jobs, settings.replicas, waitMs)',
    put: 'await runBatch(lane.client, jobs, 0, waitMs)',
  },
  /** A call that is made again is taken for a new one by the script in Redis. */
  'forget-calls-redis': {
    module: 'store/redis/scripts.js',
    find: "import.meta.url), 'utf8');",
    put: "import.meta.url), 'utf8').replace('if first and accepted <', 'if false and accepted <');",
  },
  /** Nobody asks how Redis reads a torn file; the chaos run then has one that cuts it within a transaction. */
  'load-torn': {
    module: 'redis/server-settings.js',
    find: "config.get('aof-load-truncated') === 'yes'",
    put: 'false',
  },
  /** A device that has seen more than the store has is left to itself. */
  'never-raise': {
    module: 'store/redis/append.js',
    find: "await context.commands.run('raise-floor',",
    put: "await Promise.resolve('raise-floor',",
  },
  /** A heartbeat is answered, and nobody looks what has come. */
  'blind-heartbeat': {
    module: 'core/receive.js',
    find: `    prepareFeeding(session, io);
    io.recheck(session, 'check');`,
    put: '    prepareFeeding(session, io);',
  },
};
