'use client';
import { useCallback, useEffect, useState } from 'react';
import { PublicFrame } from '#components/page-frame.tsx';
import type { RevealView } from '#lib/reveals/schema.ts';
import { openLink } from './actions.ts';
import { KeyHidden, LinkEnded, LinkUsed, NotReached, Opening } from './closed-screens.tsx';
import { CodeForm } from './code-form.tsx';
import { type Key, ShownKey } from './shown-key.tsx';
import { forgetToken, useToken } from './use-token.ts';

type Step =
  | { at: 'opening' }
  | { at: 'not_reached'; message: string }
  | { at: 'code'; view: RevealView; opening: string | null; receivedAt: number }
  | { at: 'shown'; shown: Key }
  | { at: 'hidden'; idle: boolean }
  | { at: 'used' }
  | { at: 'ended' };

const NO_ANSWER = 'The server did not answer. Check your connection, then try again.';

/** The key was shown: nothing that comes of the address matters any more. */
const isOver = (step: Step) => step.at === 'shown' || step.at === 'hidden';

/** Asks what stands behind the link, and says which screen follows. */
async function open(token: string): Promise<Step> {
  try {
    const result = await openLink({ token });
    if (result.ok) return { at: 'code', view: result.view, opening: result.opening, receivedAt: Date.now() };
    if (result.reason === 'ended') return { at: 'ended' };
    if (result.reason !== 'throttled') return { at: 'not_reached', message: result.message };
    const minutes = Math.ceil(result.retryAfterSeconds / 60);
    return {
      at: 'not_reached',
      message: `Too many links were opened from here. Try again in ${minutes} min.`,
    };
  } catch {
    // The connection was lost; the browser's console has the cause.
    return { at: 'not_reached', message: NO_ANSWER };
  }
}

/** The integrator's page, from the link to the key. */
export function RevealScreen({ organisation }: { organisation: string }) {
  const token = useToken();
  const [step, setStep] = useState<Step>({ at: 'opening' });
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` is there to open the link once more.
  useEffect(() => {
    if (token === null) return;
    let overtaken = false;
    setStep((present) => (isOver(present) ? present : { at: 'opening' }));
    void open(token).then((next) => {
      // The key's own leaving the address bar is no reason to ask again.
      if (!overtaken) setStep((present) => (isOver(present) ? present : next));
    });
    return () => {
      overtaken = true;
    };
  }, [token, attempt]);

  const show = useCallback((shown: Key) => {
    setStep({ at: 'shown', shown });
    forgetToken();
  }, []);

  // The state is the only place that holds the key: with it, the key is gone.
  const hide = useCallback((idle: boolean) => setStep({ at: 'hidden', idle }), []);

  if (step.at === 'shown') return <ShownKey organisation={organisation} shown={step.shown} onHide={hide} />;
  if (step.at === 'hidden') return <KeyHidden organisation={organisation} idle={step.idle} />;
  if (step.at === 'code' && token !== null) {
    return (
      <PublicFrame
        organisation={organisation}
        title="See your API key"
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
  if (step.at === 'not_reached') {
    const again = () => setAttempt((count) => count + 1);
    return <NotReached organisation={organisation} message={step.message} onTryAgain={again} />;
  }
  return <Opening organisation={organisation} />;
}
