'use client';
import { LogIn } from 'lucide-react';
import { signIn } from 'next-auth/react';
import { useEffect, useEffectEvent, useState } from 'react';
import { Button } from '#components/button.tsx';
import { describeSsoError } from '#lib/identity/sso/schema.ts';

type SsoButtonProps = {
  provider: string;
  /** The path to go to afterwards. */
  then: string;
  setFailure: (failure: string | null) => void;
  /** Redirects immediately, without a press. */
  isAutomatic?: boolean;
};

/** Redirects to the OpenID provider, and from there to `then`. */
export function SsoButton({ provider, then, setFailure, isAutomatic = false }: SsoButtonProps) {
  const [pending, setPending] = useState(false);

  async function leave() {
    setPending(true);
    setFailure(null);
    try {
      // It resolves while the browser is loading the provider's page, so the button stays pending.
      await signIn('oidc', { callbackUrl: then });
    } catch {
      // The request failed. The browser's console shows the cause.
      setFailure(describeSsoError('unavailable', provider));
      setPending(false);
    }
  }

  const begin = useEffectEvent(leave);
  useEffect(() => {
    if (isAutomatic) void begin();
  }, [isAutomatic]);

  return (
    <Button variant="primary" pending={pending} pendingLabel={`Opening ${provider}…`} onClick={leave}>
      <LogIn aria-hidden="true" />
      Continue with {provider}
    </Button>
  );
}
