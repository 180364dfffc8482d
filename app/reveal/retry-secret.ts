const SECRET_BYTES = 32;
/** Length of the part of a link's token that identifies the reveal. It is not secret. */
const ID_LENGTH = 21;

/** Also kept here, in case the browser forbids the storage. */
const secrets = new Map<string, string>();

const getStorageKey = (token: string) => `stagedoor.retry.${token.slice(0, ID_LENGTH)}`;

/** Accesses the storage of this tab. Ignores that the browser may forbid it. */
function tryStorage<Result>(access: (storage: Storage) => Result): Result | null {
  try {
    return access(window.sessionStorage);
  } catch {
    return null;
  }
}

function generateSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Returns this tab's retry secret for a link; null if it has not submitted a code yet, or has shown the key. */
export function findRetrySecret(token: string): string | null {
  const name = getStorageKey(token);
  return secrets.get(name) ?? tryStorage((storage) => storage.getItem(name));
}

/**
 * Returns this tab's retry secret for a link, and generates it first if there is none. With it, the tab can fetch the key
 * again if the response was lost, even after a reload. It is deleted as soon as the key is shown.
 */
export function getRetrySecret(token: string): string {
  const secret = findRetrySecret(token) ?? generateSecret();
  const name = getStorageKey(token);
  secrets.set(name, secret);
  tryStorage((storage) => storage.setItem(name, secret));
  return secret;
}

/** Deletes this tab's retry secret for a link, because the key was shown or the server no longer accepts the secret. */
export function deleteRetrySecret(token: string): void {
  const name = getStorageKey(token);
  secrets.delete(name);
  tryStorage((storage) => storage.removeItem(name));
}
