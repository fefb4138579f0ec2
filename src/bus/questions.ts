/** Questions under way on one end of a bus: numbers them, and answers null when time runs out. */
import { machineMonoMs } from '../clock.js';

/** Deadlines are looked at this often, and only while a question is open. */
const CHECK_MS = 50;

interface Open<A> {
  readonly deadlineMs: number;
  readonly answer: (reply: A | null) => void;
}

export interface Questions<A> {
  /** Returns the number to send with the question. `answer` is called exactly once. */
  open(timeoutMs: number, answer: (reply: A | null) => void): number;
  /** False when the question is no longer open: its time ran out before. */
  settle(seq: number, reply: A): boolean;
  /** Answers null to all: the connection is gone. */
  failAll(): void;
}

export function createQuestions<A>(): Questions<A> {
  const open = new Map<number, Open<A>>();
  let lastSeq = 0;
  let timer: NodeJS.Timeout | null = null;

  const check = (): void => {
    const now = machineMonoMs();
    for (const [seq, question] of open) {
      if (question.deadlineMs > now) continue;
      open.delete(seq);
      question.answer(null);
    }
    timer = open.size === 0 ? null : setTimeout(check, CHECK_MS);
  };

  return {
    open(timeoutMs, answer) {
      lastSeq += 1;
      open.set(lastSeq, { deadlineMs: machineMonoMs() + timeoutMs, answer });
      timer ??= setTimeout(check, CHECK_MS);
      return lastSeq;
    },
    settle(seq, reply) {
      const question = open.get(seq);
      if (question === undefined) return false;
      open.delete(seq);
      question.answer(reply);
      return true;
    },
    failAll() {
      const lost = [...open.values()];
      open.clear();
      if (timer !== null) clearTimeout(timer);
      timer = null;
      for (const question of lost) question.answer(null);
    },
  };
}
