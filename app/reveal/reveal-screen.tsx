'use client';
import { useCallback } from 'react';
import { PublicFrame } from '#components/public-frame.tsx';
import type { RevealView } from '#lib/key-delivery/reveal/schema.ts';
import { formatWait } from '#lib/platform/rate-limiter/format.ts';
import { LinkUnreachable, Opening } from '../links/link-screens.tsx';
import { NO_RESPONSE } from '../links/refusal-messages.ts';
import { useLink } from '../links/use-link.ts';
import { clearToken } from '../links/use-token.ts';
import { openLink } from './actions.ts';
import { KeyHidden, LinkEnded, LinkUsed } from './closed-screens.tsx';
import { CodeForm } from './code-form.tsx';
import { type Key, ShownKey } from './shown-key.tsx';

type Step =
  | { at: 'opening' }
  | { at: 'not_reached'; message: string }
  | { at: 'code'; view: RevealView; opening: string | null; receivedAt: number }
  | { at: 'shown'; shown: Key }
  | { at: 'hidden'; idle: boolean }
  | { at: 'used' }
  | { at: 'ended' };

/** The key was shown: nothing that comes of the address matters any more, nor that the token leaves it. */
const isOver = (step: Step) => step.at === 'shown' || step.at === 'hidden';

const OPENING: Step = { at: 'opening' };
const TITLE = 'See your API key';
/** Of the form that follows. */
const HEIGHTS = ['h-16', 'h-10', 'h-10'];

/** Asks what stands behind the link, and says which screen follows. */
async function open(token: string): Promise<Step> {
  try {
    const result = await openLink({ token });
    if (result.ok) return { at: 'code', view: result.view, opening: result.opening, receivedAt: Date.now() };
    if (result.reason === 'ended') return { at: 'ended' };
    if (result.reason !== 'throttled') return { at: 'not_reached', message: result.message };
    return {
      at: 'not_reached',
      message: `Too many links were opened from here. Try again in ${formatWait(result.retryAfterSeconds)}.`,
    };
  } catch {
    // The connection was lost; the browser's console has the cause.
    return { at: 'not_reached', message: NO_RESPONSE };
  }
}

/** The integrator's page, from the link to the key. */
export function RevealScreen({ organisation }: { organisation: string }) {
  const { token, step, setStep, tryAgain } = useLink<Step>(OPENING, open, isOver);

  const show = useCallback(
    (shown: Key) => {
      setStep({ at: 'shown', shown });
      clearToken();
    },
    [setStep],
  );

  // The state is the only place that holds the key: with it, the key is gone.
  const hide = useCallback((idle: boolean) => setStep({ at: 'hidden', idle }), [setStep]);

  if (step.at === 'shown') return <ShownKey organisation={organisation} shown={step.shown} onHide={hide} />;
  if (step.at === 'hidden') return <KeyHidden organisation={organisation} idle={step.idle} />;
  if (step.at === 'code' && token !== null) {
    return (
      <PublicFrame
        organisation={organisation}
        title={TITLE}
        description={`${step.view.organisation} gives you access to its API. To see the key, enter the code from the text message.`}
      >
        <CodeForm
          token={token}
          first={step}
          onShown={show}
          onUsed={() => setStep({ at: 'used' })}
          onEnded={() => setStep({ at: 'ended' })}
        />
      </PublicFrame>
    );
  }
  if (step.at === 'ended') return <LinkEnded organisation={organisation} />;
  if (step.at === 'used') return <LinkUsed organisation={organisation} />;
  const frame = { organisation, title: TITLE };
  if (step.at === 'not_reached') {
    return <LinkUnreachable {...frame} message={step.message} onTryAgain={tryAgain} />;
  }
  return <Opening {...frame} heights={HEIGHTS} />;
}
