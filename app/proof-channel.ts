const NAME = 'stagedoor.proof';

/** Tells this browser's other windows that this person has just proven who they are. */
export function tellProven(userId: string): void {
  const channel = new BroadcastChannel(NAME);
  channel.postMessage(userId);
  channel.close();
}

/**
 * Calls back each time that another window tells so of this person: whoever else has signed in there meanwhile is not to
 * do what this one was about to. It is a hint to try again, no more.
 * @returns ends it
 */
export function onProvenElsewhere(userId: string, callback: () => void): () => void {
  const channel = new BroadcastChannel(NAME);
  channel.onmessage = ({ data }) => {
    if (data === userId) callback();
  };
  return () => channel.close();
}
