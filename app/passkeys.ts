import { browserSupportsWebAuthn, startAuthentication, startRegistration } from '@simplewebauthn/browser';
import type { CreationOptions, RequestOptions } from '#lib/identity/mfa/passkeys.ts';

type PasskeyResult<Credential> = { ok: true; response: Credential } | { ok: false; message: string };

const UNSUPPORTED =
  'This browser has no passkeys here. Use a newer one, and open this site by its name, not by a number such as 127.0.0.1.';

/** Describes an error of the browser, which reveals little to protect the user's privacy. */
function describeError(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  if (name === 'InvalidStateError') return 'This device holds a passkey of yours for this site already.';
  if (name === 'NotAllowedError' || name === 'AbortError') {
    return 'No passkey was used: the browser was told to stop, none fits here, or it took too long. Try again, or choose another way.';
  }
  return UNSUPPORTED;
}

async function callBrowser<Credential>(call: () => Promise<Credential>): Promise<PasskeyResult<Credential>> {
  if (!browserSupportsWebAuthn()) return { ok: false, message: UNSUPPORTED };
  try {
    return { ok: true, response: await call() };
  } catch (error) {
    return { ok: false, message: describeError(error) };
  }
}

/** Drops the results of extensions, which we do not request. */
function withoutExtensions<Credential extends object>(
  credential: Credential,
): Omit<Credential, 'clientExtensionResults'> & { clientExtensionResults: Record<string, never> } {
  return { ...credential, clientExtensionResults: {} };
}

/** Lets the browser create a passkey. */
export function createPasskey(options: CreationOptions) {
  return callBrowser(async () => withoutExtensions(await startRegistration({ optionsJSON: options })));
}

/** Lets the browser sign a challenge with a passkey. */
export function signWithPasskey(options: RequestOptions) {
  return callBrowser(async () => withoutExtensions(await startAuthentication({ optionsJSON: options })));
}
