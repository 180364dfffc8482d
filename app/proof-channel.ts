const NAME = 'stagedoor.proof';

/** Tells this browser's other windows that its person has just proven who they are. */
export function tellProven(): void {
  const channel = new BroadcastChannel(NAME);
  channel.postMessage('proven');
  channel.close();
}

/**
 * Calls back each time that another window tells so. Anybody's page here could: it is a hint to try again, no more.
 * @returns ends it
 */
export function onProvenElsewhere(callback: () => void): () => void {
  const channel = new BroadcastChannel(NAME);
  channel.onmessage = callback;
  return () => channel.close();
}
