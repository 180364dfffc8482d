'use client';
import { useCallback } from 'react';
import { PublicFrame } from '#components/public-frame.tsx';
import type { RevealView } from '#lib/key-delivery/reveal/schema.ts';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { LinkUnreachable, Opening } from '../links/link-screens.tsx';
import { describeRefusal, NO_RESPONSE } from '../links/refusal-messages.ts';
import { useLink } from '../links/use-link.ts';
import { clearToken } from '../links/use-token.ts';
import { openLink } from './actions.ts';
import { KeyHidden, LinkEnded, LinkUsed } from './closed-screens.tsx';
import { CodeForm } from './code-form.tsx';
import { type Credentials, ShownKey } from './shown-key.tsx';

type Step =
  | { screen: 'opening' }
  | { screen: 'unreachable'; message: string }
  | { screen: 'code'; view: RevealView; opening: string | null; receivedAt: number }
  | { screen: 'key'; credentials: Credentials }
  | { screen: 'hidden'; isIdle: boolean }
  | { screen: 'used' }
  | { screen: 'ended' };

/** Once the key was shown, the link no longer matters, nor that its token leaves the URL. */
const isFinal = (step: Step) => step.screen === 'key' || step.screen === 'hidden';

const OPENING: Step = { screen: 'opening' };
const messages = en.codePage;
/** Heights of the form that follows. */
const HEIGHTS = ['h-16', 'h-10', 'h-10'];

/** Opens the link and returns the next step. */
async function open(token: string): Promise<Step> {
  try {
    const result = await openLink({ token });
    if (result.ok) {
      const { view, opening } = result;
      return { screen: 'code', view, opening, receivedAt: Date.now() };
    }
    if (result.reason === 'ended') return { screen: 'ended' };
    return { screen: 'unreachable', message: describeRefusal(result) };
  } catch {
    // The connection was lost; the browser's console has the cause.
    return { screen: 'unreachable', message: NO_RESPONSE };
  }
}

/** The page on which the integrator collects the key. */
export function RevealScreen({ organisation }: { organisation: string }) {
  const { token, step, setStep, tryAgain } = useLink<Step>(OPENING, open, isFinal);

  const show = useCallback(
    (credentials: Credentials) => {
      setStep({ screen: 'key', credentials });
      clearToken();
    },
    [setStep],
  );

  // Only this state holds the key, so replacing it removes the key.
  const hide = useCallback((isIdle: boolean) => setStep({ screen: 'hidden', isIdle }), [setStep]);

  if (step.screen === 'key') {
    return <ShownKey organisation={organisation} credentials={step.credentials} onHide={hide} />;
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
          first={step}
          onShown={show}
          onUsed={() => setStep({ screen: 'used' })}
          onEnded={() => setStep({ screen: 'ended' })}
        />
      </PublicFrame>
    );
  }
  if (step.screen === 'ended') return <LinkEnded organisation={organisation} />;
  if (step.screen === 'used') return <LinkUsed organisation={organisation} />;
  const frame = { organisation, title: messages.title };
  if (step.screen === 'unreachable') {
    return <LinkUnreachable {...frame} message={step.message} onTryAgain={tryAgain} />;
  }
  return <Opening {...frame} heights={HEIGHTS} />;
}
