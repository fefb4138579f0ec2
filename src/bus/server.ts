/** Control's end of the socket bus. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { ToControl, ToWorker } from './messages.js';
import { createPeer, type Peer } from './peer.js';
import {
  type BusLimits,
  type ControlBus,
  type ControlBusHandler,
  DEFAULT_BUS_LIMITS,
  type WorkerAnswer,
} from './port.js';
import { createQuestions, type Questions } from './questions.js';

export interface BusServerOptions {
  /** Path of the unix socket; a file left there by a killed process is removed. */
  readonly path: string;
  readonly handler: ControlBusHandler;
  readonly limits?: BusLimits;
}

interface Member {
  readonly worker: number;
  readonly peer: Peer;
  readonly questions: Questions<WorkerAnswer>;
}

/** Resolves when workers can connect. */
export async function createBusServer(options: BusServerOptions): Promise<ControlBus> {
  const { handler, limits = DEFAULT_BUS_LIMITS } = options;
  const members = new Map<number, Member>();
  const sockets = new Set<Socket>();
  const counts = { droppedWakes: 0, overflows: 0, sent: 0, received: 0 };

  const leave = (member: Member, reason: string): void => {
    if (members.get(member.worker) !== member) return;
    members.delete(member.worker);
    member.questions.failAll();
    handler.onLeave(member.worker, reason);
  };

  const join = (worker: number, pid: number, peer: Peer): Member => {
    const before = members.get(worker);
    if (before !== undefined) {
      leave(before, 'it joined again');
      before.peer.destroy();
    }
    const member = { worker, peer, questions: createQuestions<WorkerAnswer>() };
    members.set(worker, member);
    handler.onJoin(worker, pid);
    return member;
  };

  const accept = (socket: Socket): void => {
    sockets.add(socket);
    let member: Member | null = null;
    const peer = createPeer(socket, limits, {
      onFrame(messages) {
        counts.received += messages.length;
        for (const message of messages as ToControl[]) {
          if (message.type === 'join') member = join(message.worker, message.pid, peer);
          else if (member === null || members.get(member.worker) !== member) return;
          else if (message.type === 'fenced' || message.type === 'metrics') {
            member.questions.settle(message.seq, message);
          } else handler.onMessage(member.worker, message);
        }
      },
      onClose(reason) {
        sockets.delete(socket);
        if (peer.overflowed()) counts.overflows += 1;
        if (member !== null) leave(member, reason);
      },
    });
  };

  const push = (member: Member, message: ToWorker): void => {
    const wake = message.type === 'wake' || message.type === 'wakeAll';
    // A lease that would wait is worth nothing by the time it is read; the next one follows.
    if (message.type === 'lease' && member.peer.behind()) return;
    if (member.peer.push(message, wake)) counts.sent += 1;
    else if (wake) counts.droppedWakes += 1;
  };

  rmSync(options.path, { force: true });
  const server = createServer(accept);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.path, resolve);
  });
  chmodSync(options.path, 0o600);

  return {
    send(worker, message) {
      const member = members.get(worker);
      if (member !== undefined) push(member, message);
    },
    ask(worker, question, timeoutMs, answer) {
      const member = members.get(worker);
      if (member === undefined) setImmediate(answer, null);
      else push(member, { ...question, seq: member.questions.open(timeoutMs, answer) });
    },
    workers: () => [...members.keys()],
    stats() {
      let queued = 0;
      for (const member of members.values()) queued += member.peer.queued();
      return { ...counts, queued };
    },
    close() {
      for (const member of members.values()) member.questions.failAll();
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const member of members.values()) member.peer.end();
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, 1000);
      return ended.finally(() => clearTimeout(timer));
    },
  };
}
