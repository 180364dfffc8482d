import type { ChildProcess } from 'node:child_process';

/** One end of the channel between two processes: a child process, or `process` in the child. */
type Channel = ChildProcess | NodeJS.Process;
type Question = { question: string; id: number };
type Answer = { answerTo: number; answer: unknown };

let lastId = 0;

function send(channel: Channel, message: Question | Answer): void {
  // The other process may have ended: without a callback, that would be an `error` event.
  if (channel.connected) channel.send?.(message, undefined, {}, () => {});
}

/**
 * Asks another process by IPC.
 * @returns the answer; undefined if there was none in time, or the process has ended
 */
export function askProcess<Result>(
  channel: Channel,
  question: string,
  timeoutMs: number,
): Promise<Result | undefined> {
  lastId += 1;
  const id = lastId;
  return new Promise((resolve) => {
    const finish = (answer?: Result) => {
      clearTimeout(timer);
      channel.off('message', onMessage);
      channel.off('disconnect', onDisconnect);
      resolve(answer);
    };
    const onMessage = (message: Partial<Answer>) =>
      message.answerTo === id && finish(message.answer as Result);
    const onDisconnect = () => finish();
    const timer = setTimeout(onDisconnect, timeoutMs);
    channel.on('message', onMessage);
    channel.on('disconnect', onDisconnect);
    if (channel.connected) send(channel, { question, id });
    else finish();
  });
}

/**
 * Answers one question whenever another process asks it.
 * @param answer may fail: then there is no answer
 */
export function answerProcess(channel: Channel, question: string, answer: () => Promise<unknown>): void {
  channel.on('message', (message: Partial<Question>) => {
    const { id } = message;
    if (message.question !== question || id === undefined) return;
    answer().then(
      (result) => send(channel, { answerTo: id, answer: result }),
      () => {},
    );
  });
}
