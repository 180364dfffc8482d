'use client';
import { LogIn } from 'lucide-react';
import { useEffect, useEffectEvent, useState } from 'react';
import { Button } from '#components/button.tsx';
import { describeSsoError } from '#lib/identity/sso/errors.ts';
import { callNextAuth } from './call-next-auth.ts';

type SsoButtonProps = {
  provider: string;
  /** The path to open after signing in. */
  then: string;
  setFailure: (failure: string | null) => void;
  /** Redirects immediately, without a click. */
  isAutomatic?: boolean;
};

/** Redirects to the OpenID provider, and from there to `then`. */
export function SsoButton({ provider, then, setFailure, isAutomatic = false }: SsoButtonProps) {
  const [isPending, setIsPending] = useState(false);

  async function redirectToProvider() {
    setIsPending(true);
    setFailure(null);
    try {
      const { url } = await callNextAuth('signin/oidc', { callbackUrl: then });
      // The button stays pending while the browser loads the provider's page.
      window.location.assign(url);
    } catch {
      // The request failed. The browser's console shows the cause.
      setFailure(describeSsoError('unavailable', provider));
      setIsPending(false);
    }
  }

  const redirectImmediately = useEffectEvent(redirectToProvider);
  useEffect(() => {
    if (isAutomatic) void redirectImmediately();
  }, [isAutomatic]);

  return (
    <Button
      variant="primary"
      pending={isPending}
      pendingLabel={`Opening ${provider}…`}
      onClick={redirectToProvider}
    >
      <LogIn aria-hidden="true" />
      Continue with {provider}
    </Button>
  );
}
