'use client';
import { PublicFrame } from '#components/public-frame.tsx';
import type { UserLinkView } from '#lib/identity/passwords/open-link.ts';
import { LinkUnreachable, Opening } from '../links/link-screens.tsx';
import { describeRefusal, NO_RESPONSE } from '../links/refusal-messages.ts';
import { useLink } from '../links/use-link.ts';
import { openPasswordLink } from './actions.ts';
import { LinkEnded, PasswordSet } from './closed-screens.tsx';
import { SetPasswordForm } from './set-password-form.tsx';

type Step =
  | { screen: 'opening' }
  | { screen: 'unreachable'; message: string }
  | { screen: 'form'; link: UserLinkView }
  | { screen: 'set'; isInvitation: boolean }
  | { screen: 'ended' };

const OPENING: Step = { screen: 'opening' };
const TITLE = 'Set your password';
/** Heights of the form that follows. */
const HEIGHTS = ['h-24', 'h-10'];

/** Opens the link and returns the next step. */
async function open(token: string): Promise<Step> {
  // The connection was lost; the browser's console has the cause.
  const result = await openPasswordLink({ token }).catch(() => null);
  if (!result) return { screen: 'unreachable', message: NO_RESPONSE };
  if (result.ok) return { screen: 'form', link: result.link };
  if (result.reason === 'ended') return { screen: 'ended' };
  return { screen: 'unreachable', message: describeRefusal(result) };
}

/** The page of an email link: an invitation or a password reset. */
export function SetPasswordScreen({ organisation }: { organisation: string }) {
  const { token, step, setStep, tryAgain } = useLink<Step>(OPENING, open);

  if (step.screen === 'form' && token !== null) {
    const isInvitation = step.link.purpose === 'invitation';
    return (
      <PublicFrame
        organisation={organisation}
        title={isInvitation ? 'Welcome to Stagedoor' : 'Set a new password'}
        description={
          <span className="break-words">
            You’ll sign in as{' '}
            <bdi translate="no" className="font-medium text-ink">
              {step.link.email}
            </bdi>
            .
          </span>
        }
      >
        <SetPasswordForm
          token={token}
          link={step.link}
          userInputs={[step.link.email, organisation]}
          onSet={() => setStep({ screen: 'set', isInvitation })}
          onEnded={() => setStep({ screen: 'ended' })}
        />
      </PublicFrame>
    );
  }
  if (step.screen === 'set') {
    return <PasswordSet organisation={organisation} isInvitation={step.isInvitation} />;
  }
  if (step.screen === 'ended') return <LinkEnded organisation={organisation} />;
  const frame = { organisation, title: TITLE };
  if (step.screen === 'unreachable') {
    return <LinkUnreachable {...frame} message={step.message} onTryAgain={tryAgain} />;
  }
  return <Opening {...frame} heights={HEIGHTS} />;
}
