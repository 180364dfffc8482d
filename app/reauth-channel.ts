const NAME = 'stagedoor.proof';

/** What one window tells the others of this browser. */
type Told =
  /** This person has just proven who they are. */
  | { proven: string }
  /** Whoever went to prove it has another role now, and was signed out. */
  | { roleChanged: true };

function tell(told: Told): void {
  const channel = new BroadcastChannel(NAME);
  channel.postMessage(told);
  channel.close();
}

/** Tells this browser's other windows that this person has just proven who they are. */
export const announceReauthenticated = (userId: string) => tell({ proven: userId });

/** Tells them that whoever was signed in has another role now, and was signed out. */
export const announceRoleChanged = () => tell({ roleChanged: true });

type Listeners = {
  /**
   * This person has: whoever else has signed in there meanwhile is not to do what this one was about to. It is a hint to
   * try again, no more.
   */
  onProven: () => void;
  /** Of whom it is told does not matter: a browser has one session, and whoever's page this is has none now. */
  onRoleChanged: () => void;
};

/**
 * Calls back each time that another window tells something.
 * @returns ends it
 */
export function listenForReauth(userId: string, { onProven, onRoleChanged }: Listeners): () => void {
  const channel = new BroadcastChannel(NAME);
  channel.onmessage = ({ data }: MessageEvent<Partial<{ proven: string; roleChanged: true }> | null>) => {
    if (data?.roleChanged) onRoleChanged();
    else if (data?.proven === userId) onProven();
  };
  return () => channel.close();
}
