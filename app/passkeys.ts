import { browserSupportsWebAuthn, startAuthentication, startRegistration } from '@simplewebauthn/browser';
import type { CreationOptions, RequestOptions } from '#lib/identity/mfa/passkeys.ts';

type PasskeyResult<Credential> = { ok: true; response: Credential } | { ok: false; message: string };

const UNSUPPORTED_BROWSER =
  'This browser can’t use passkeys here. Update it, and open the site by its name rather than a number such as 127.0.0.1.';

const PASSKEY_NOT_USED =
  'No passkey was used. It was cancelled, timed out, or none on this device matches. Try again or use another method.';
const PASSKEY_NOT_ADDED = 'No passkey was added. It was cancelled or timed out. Try again.';

/** Describes an error of the browser, which is the same for several causes to protect the user's privacy. */
function describeError(error: unknown, cancelledMessage: string): string {
  const name = error instanceof Error ? error.name : '';
  if (name === 'InvalidStateError') return 'You already have a passkey for this site on this device.';
  if (name === 'NotAllowedError' || name === 'AbortError') return cancelledMessage;
  return UNSUPPORTED_BROWSER;
}

/** Calls the browser's WebAuthn API. @param cancelledMessage returned if the user cancels or is too slow */
async function callBrowser<Credential>(
  call: () => Promise<Credential>,
  cancelledMessage: string,
): Promise<PasskeyResult<Credential>> {
  if (!browserSupportsWebAuthn()) return { ok: false, message: UNSUPPORTED_BROWSER };
  try {
    return { ok: true, response: await call() };
  } catch (error) {
    return { ok: false, message: describeError(error, cancelledMessage) };
  }
}

/** Removes the results of extensions, which the server does not use. Its library requests one by default. */
function removeExtensionResults<Credential extends object>(
  credential: Credential,
): Omit<Credential, 'clientExtensionResults'> & { clientExtensionResults: Record<string, never> } {
  return { ...credential, clientExtensionResults: {} };
}

/** Lets the browser create a passkey. */
export function createPasskey(options: CreationOptions) {
  return callBrowser(
    async () => removeExtensionResults(await startRegistration({ optionsJSON: options })),
    PASSKEY_NOT_ADDED,
  );
}

/** Lets the browser sign a challenge with a passkey. */
export function signWithPasskey(options: RequestOptions) {
  return callBrowser(
    async () => removeExtensionResults(await startAuthentication({ optionsJSON: options })),
    PASSKEY_NOT_USED,
  );
}
