const CHANNEL_NAME = 'stagedoor.reauth';

/** A message to the other windows of this browser. */
type AuthMessage =
  /** The id of the user who has just re-authenticated. */
  | { reauthenticated: string }
  /** The user's role at the provider has changed, so they were signed out. */
  | { roleChanged: true };

function broadcast(message: AuthMessage): void {
  const channel = new BroadcastChannel(CHANNEL_NAME);
  channel.postMessage(message);
  channel.close();
}

/** Notifies this browser's other windows that the user has just re-authenticated. */
export const announceReauthenticated = (userId: string) => broadcast({ reauthenticated: userId });

/** Notifies this browser's other windows that the user was signed out because their role changed. */
export const announceRoleChanged = () => broadcast({ roleChanged: true });

type Listeners = {
  /**
   * Runs only if this page's user re-authenticated: a different user must not continue their action.
   * The message is only a hint to try again: the server checks the re-authentication.
   */
  onReauthenticated: () => void;
  /** Runs for any user: all windows share one session, so this page's user is signed out too. */
  onRoleChanged: () => void;
};

/**
 * Listens for messages from this browser's other windows.
 * @returns a function that stops listening
 */
export function listenForAuthMessages(
  userId: string,
  { onReauthenticated, onRoleChanged }: Listeners,
): () => void {
  const channel = new BroadcastChannel(CHANNEL_NAME);
  channel.onmessage = ({
    data,
  }: MessageEvent<Partial<{ reauthenticated: string; roleChanged: true }> | null>) => {
    if (data?.roleChanged) onRoleChanged();
    else if (data?.reauthenticated === userId) onReauthenticated();
  };
  return () => channel.close();
}
