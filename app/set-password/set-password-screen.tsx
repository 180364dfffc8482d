'use client';
import { useEffect, useState } from 'react';
import { PublicFrame } from '#components/page-frame.tsx';
import type { UserLinkView } from '#lib/passwords/open-link.ts';
import { describeRefusal, NO_ANSWER } from '../not-us/refusal-words.ts';
import { useToken } from '../reveal/use-token.ts';
import { openPasswordLink } from './actions.ts';
import { LinkEnded, NotReached, Opening, PasswordSet } from './closed-screens.tsx';
import { SetPasswordForm } from './set-password-form.tsx';

type Step =
  | { at: 'opening' }
  | { at: 'not_reached'; message: string }
  | { at: 'choosing'; link: UserLinkView }
  | { at: 'set' }
  | { at: 'ended' };

/** Asks what the link is for, and says which screen follows. */
async function open(token: string): Promise<Step> {
  // The connection was lost; the browser's console has the cause.
  const result = await openPasswordLink({ token }).catch(() => null);
  if (!result) return { at: 'not_reached', message: NO_ANSWER };
  if (result.ok) return { at: 'choosing', link: result.link };
  if (result.reason === 'ended') return { at: 'ended' };
  return { at: 'not_reached', message: describeRefusal(result) };
}

/** The page behind a link by email: an invitation, or a forgotten password. */
export function SetPasswordScreen({ organisation }: { organisation: string }) {
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

  if (step.at === 'choosing' && token !== null) {
    const invited = step.link.purpose === 'invitation';
    return (
      <PublicFrame
        organisation={organisation}
        title={invited ? 'Welcome to Stagedoor' : 'Set a new password'}
        description={
          <span className="break-words">
            For <bdi className="font-medium text-ink">{step.link.email}</bdi>, with which you sign in.
          </span>
        }
      >
        <SetPasswordForm
          token={token}
          link={step.link}
          about={[step.link.email, organisation]}
          onSet={() => setStep({ at: 'set' })}
          onEnded={() => setStep({ at: 'ended' })}
        />
      </PublicFrame>
    );
  }
  if (step.at === 'set') return <PasswordSet organisation={organisation} />;
  if (step.at === 'ended') return <LinkEnded organisation={organisation} />;
  if (step.at === 'not_reached') {
    const again = () => setAttempt((count) => count + 1);
    return <NotReached organisation={organisation} message={step.message} onTryAgain={again} />;
  }
  return <Opening organisation={organisation} />;
}
