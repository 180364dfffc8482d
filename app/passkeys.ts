import { browserSupportsWebAuthn, startAuthentication, startRegistration } from '@simplewebauthn/browser';
import type { CreationOptions, RequestOptions } from '#lib/identity/mfa/passkeys.ts';

type Response<Made> = { ok: true; response: Made } | { ok: false; message: string };

const UNSUPPORTED =
  'This browser has no passkeys here. Use a newer one, and open this site by its name, not by a number such as 127.0.0.1.';

/** What the browser says, in words for the person in front of it. Browsers tell little, lest sites find out too much. */
function inWords(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  if (name === 'InvalidStateError') return 'This device holds a passkey of yours for this site already.';
  if (name === 'NotAllowedError' || name === 'AbortError') {
    return 'No passkey was used: the browser was told to stop, none fits here, or it took too long. Try again, or choose another way.';
  }
  return UNSUPPORTED;
}

async function ask<Made>(work: () => Promise<Made>): Promise<Response<Made>> {
  if (!browserSupportsWebAuthn()) return { ok: false, message: UNSUPPORTED };
  try {
    return { ok: true, response: await work() };
  } catch (error) {
    return { ok: false, message: inWords(error) };
  }
}

/** We ask for no extensions; what a browser says about them all the same is not sent on. */
function withoutExtensions<Made extends object>(
  made: Made,
): Omit<Made, 'clientExtensionResults'> & { clientExtensionResults: Record<string, never> } {
  return { ...made, clientExtensionResults: {} };
}

/** Lets the person make a passkey: the browser asks where, and for a finger, a face or a PIN. */
export function makePasskey(options: CreationOptions) {
  return ask(async () => withoutExtensions(await startRegistration({ optionsJSON: options })));
}

/** Lets the person sign with a passkey. */
export function signWithPasskey(options: RequestOptions) {
  return ask(async () => withoutExtensions(await startAuthentication({ optionsJSON: options })));
}
