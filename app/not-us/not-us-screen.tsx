'use client';
import { useEffect, useState } from 'react';
import { PublicFrame } from '#components/page-frame.tsx';
import type { ChangeView } from '#lib/address-changes/schema.ts';
import { useToken } from '../reveal/use-token.ts';
import { openNotice } from './actions.ts';
import { AdministratorsTold, LinkEnded, NotReached, Opening } from './closed-screens.tsx';
import { ObjectionForm } from './objection-form.tsx';
import { describeRefusal, NO_ANSWER } from './refusal-words.ts';

type Step =
  | { at: 'opening' }
  | { at: 'not_reached'; message: string }
  | { at: 'asking'; change: ChangeView }
  | { at: 'told'; earlier: boolean }
  | { at: 'ended' };

/** Asks what stands behind the link, and says which screen follows. */
async function open(token: string): Promise<Step> {
  try {
    const result = await openNotice({ token });
    if (!result.ok) {
      return result.reason === 'ended'
        ? { at: 'ended' }
        : { at: 'not_reached', message: describeRefusal(result) };
    }
    return result.change.objected ? { at: 'told', earlier: true } : { at: 'asking', change: result.change };
  } catch {
    // The connection was lost; the browser's console has the cause.
    return { at: 'not_reached', message: NO_ANSWER };
  }
}

/** The page behind the link of a notice, on which somebody says "this was not us". */
export function NotUsScreen({ organisation }: { organisation: string }) {
  const token = useToken();
  const [step, setStep] = useState<Step>({ at: 'opening' });
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` is there to open the link once more.
  useEffect(() => {
    if (token === null) return;
    let overtaken = false;
    setStep({ at: 'opening' });
    void open(token).then((next) => {
      if (!overtaken) setStep(next);
    });
    return () => {
      overtaken = true;
    };
  }, [token, attempt]);

  if (step.at === 'asking' && token !== null) {
    return (
      <PublicFrame
        organisation={organisation}
        title="Was this you?"
        description={`The contact details of an API account at ${organisation} were changed. If this was not you, press the button: the administrators there are then told.`}
      >
        <ObjectionForm
          token={token}
          change={step.change}
          onTold={() => setStep({ at: 'told', earlier: false })}
          onEnded={() => setStep({ at: 'ended' })}
        />
      </PublicFrame>
    );
  }
  if (step.at === 'told') return <AdministratorsTold organisation={organisation} earlier={step.earlier} />;
  if (step.at === 'ended') return <LinkEnded organisation={organisation} />;
  if (step.at === 'not_reached') {
    const again = () => setAttempt((count) => count + 1);
    return <NotReached organisation={organisation} message={step.message} onTryAgain={again} />;
  }
  return <Opening organisation={organisation} />;
}
