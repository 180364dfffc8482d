'use client';
import { useCallback } from 'react';
import { PublicFrame } from '#components/public-frame.tsx';
import type { RevealView } from '#lib/key-delivery/reveal/schema.ts';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { describeLinkRefusal, NO_RESPONSE } from '../links/link-refusal-messages.ts';
import { LinkError, LinkLoading } from '../links/link-screens.tsx';
import { useLink } from '../links/use-link.ts';
import { clearToken } from '../links/use-token.ts';
import { openLink } from './actions.ts';
import { CodeForm } from './code-form.tsx';
import { InvalidLink, KeyHidden, LinkUsed } from './final-screens.tsx';
import { type Credentials, ShownKey } from './shown-key.tsx';

type Step =
  | { screen: 'loading' }
  | { screen: 'error'; message: string }
  | { screen: 'code'; view: RevealView; openingId: string | null; receivedAt: number }
  | { screen: 'key'; credentials: Credentials }
  /** `isIdle`: hidden after a time without activity, not by the button or by leaving the page. */
  | { screen: 'hidden'; isIdle: boolean }
  | { screen: 'used' }
  | { screen: 'invalid' };

/** Returns whether the key was shown. From then on, the page ignores the token in the URL, which is removed. */
const isFinal = (step: Step) => step.screen === 'key' || step.screen === 'hidden';

const LOADING: Step = { screen: 'loading' };
const messages = en.codePage;
/** Classes with the heights of the form's parts. */
const PLACEHOLDER_HEIGHTS = ['h-16', 'h-10', 'h-10'];

/** Opens the link and returns the next step. */
async function loadStep(token: string): Promise<Step> {
  try {
    const result = await openLink({ token });
    if (result.ok) {
      const { view, openingId } = result;
      return { screen: 'code', view, openingId, receivedAt: Date.now() };
    }
    if (result.reason === 'invalid_link') return { screen: 'invalid' };
    return { screen: 'error', message: describeLinkRefusal(result) };
  } catch {
    // The request failed. The browser's console shows the cause.
    return { screen: 'error', message: NO_RESPONSE };
  }
}

/** Renders the page on which the integrator collects the key. */
export function RevealScreen({ organisation }: { organisation: string }) {
  const { token, step, setStep, tryAgain } = useLink<Step>(LOADING, loadStep, isFinal);

  const showCredentials = useCallback(
    (credentials: Credentials) => {
      setStep({ screen: 'key', credentials });
      clearToken();
    },
    [setStep],
  );

  // Only this state contains the key, so replacing it removes the key.
  const hideCredentials = useCallback((isIdle: boolean) => setStep({ screen: 'hidden', isIdle }), [setStep]);

  if (step.screen === 'key') {
    return <ShownKey organisation={organisation} credentials={step.credentials} onHide={hideCredentials} />;
  }
  if (step.screen === 'hidden') return <KeyHidden organisation={organisation} isIdle={step.isIdle} />;
  if (step.screen === 'code' && token !== null) {
    return (
      <PublicFrame
        organisation={organisation}
        title={messages.title}
        description={messages.introduction({ organisation, isCodeSent: !step.view.isSmsBlocked })}
      >
        <CodeForm
          token={token}
          initial={step}
          onShown={showCredentials}
          onUsed={() => setStep({ screen: 'used' })}
          onInvalidLink={() => setStep({ screen: 'invalid' })}
        />
      </PublicFrame>
    );
  }
  if (step.screen === 'invalid') return <InvalidLink organisation={organisation} />;
  if (step.screen === 'used') return <LinkUsed organisation={organisation} />;
  const frame = { organisation, title: messages.title };
  if (step.screen === 'error') {
    return <LinkError {...frame} message={step.message} onTryAgain={tryAgain} />;
  }
  return <LinkLoading {...frame} heightClasses={PLACEHOLDER_HEIGHTS} />;
}
