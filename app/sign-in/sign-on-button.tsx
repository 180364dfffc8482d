'use client';
import { LogIn } from 'lucide-react';
import { signIn } from 'next-auth/react';
import { useEffect, useEffectEvent, useState } from 'react';
import { Button } from '#components/button.tsx';
import { describeSsoError } from '#lib/identity/sso/schema.ts';

type SignOnButtonProps = {
  provider: string;
  /** The path to go to afterwards. */
  then: string;
  setFailure: (failure: string | null) => void;
  /** Without a press. */
  atOnce?: boolean;
};

/** Leads to the OpenID provider, and from there to `then`. */
export function SignOnButton({ provider, then, setFailure, atOnce = false }: SignOnButtonProps) {
  const [pending, setPending] = useState(false);

  async function leave() {
    setPending(true);
    setFailure(null);
    try {
      // It resolves while the browser is on its way: the button stays as it is.
      await signIn('oidc', { callbackUrl: then });
    } catch {
      // The connection was lost; the browser's console has the cause.
      setFailure(describeSsoError('unavailable', provider));
      setPending(false);
    }
  }

  const begin = useEffectEvent(leave);
  useEffect(() => {
    if (atOnce) void begin();
  }, [atOnce]);

  return (
    <Button variant="primary" pending={pending} pendingLabel={`On the way to ${provider}…`} onClick={leave}>
      <LogIn aria-hidden="true" />
      Continue with {provider}
    </Button>
  );
}
