const NAME = 'stagedoor.reauth';

/** A message to the other windows of this browser. */
type ReauthMessage =
  /** The id of the user who has just re-authenticated. */
  | { reauthenticated: string }
  /** The user's role at the provider has changed, so they were signed out. */
  | { roleChanged: true };

function broadcast(message: ReauthMessage): void {
  const channel = new BroadcastChannel(NAME);
  channel.postMessage(message);
  channel.close();
}

/** Notifies this browser's other windows that the user has just re-authenticated. */
export const announceReauthenticated = (userId: string) => broadcast({ reauthenticated: userId });

/** Notifies this browser's other windows that the user was signed out because their role changed. */
export const announceRoleChanged = () => broadcast({ roleChanged: true });

type Listeners = {
  /**
   * Runs only for this user: another user who signed in meanwhile must not continue this one's action.
   * The message is only a hint to try again; the server checks.
   */
  onReauthenticated: () => void;
  /** Runs for any user: a browser has one session, so the user of this page has none now. */
  onRoleChanged: () => void;
};

/**
 * Listens for messages from this browser's other windows.
 * @returns a function that stops listening
 */
export function listenForReauth(userId: string, { onReauthenticated, onRoleChanged }: Listeners): () => void {
  const channel = new BroadcastChannel(NAME);
  channel.onmessage = ({
    data,
  }: MessageEvent<Partial<{ reauthenticated: string; roleChanged: true }> | null>) => {
    if (data?.roleChanged) onRoleChanged();
    else if (data?.reauthenticated === userId) onReauthenticated();
  };
  return () => channel.close();
}
