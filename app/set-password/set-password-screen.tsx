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
  | { at: 'opening' }
  | { at: 'not_reached'; message: string }
  | { at: 'choosing'; link: UserLinkView }
  | { at: 'set'; invited: boolean }
  | { at: 'ended' };

const OPENING: Step = { at: 'opening' };
const TITLE = 'Set your password';
/** Of the form that follows. */
const HEIGHTS = ['h-24', 'h-10'];

/** Asks what the link is for, and says which screen follows. */
async function open(token: string): Promise<Step> {
  // The connection was lost; the browser's console has the cause.
  const result = await openPasswordLink({ token }).catch(() => null);
  if (!result) return { at: 'not_reached', message: NO_RESPONSE };
  if (result.ok) return { at: 'choosing', link: result.link };
  if (result.reason === 'ended') return { at: 'ended' };
  return { at: 'not_reached', message: describeRefusal(result) };
}

/** The page behind a link by email: an invitation, or a forgotten password. */
export function SetPasswordScreen({ organisation }: { organisation: string }) {
  const { token, step, setStep, tryAgain } = useLink<Step>(OPENING, open);

  if (step.at === 'choosing' && token !== null) {
    const invited = step.link.purpose === 'invitation';
    return (
      <PublicFrame
        organisation={organisation}
        title={invited ? 'Welcome to Stagedoor' : 'Set a new password'}
        description={
          <span className="break-words">
            For{' '}
            <bdi translate="no" className="font-medium text-ink">
              {step.link.email}
            </bdi>
            , with which you sign in.
          </span>
        }
      >
        <SetPasswordForm
          token={token}
          link={step.link}
          about={[step.link.email, organisation]}
          onSet={() => setStep({ at: 'set', invited })}
          onEnded={() => setStep({ at: 'ended' })}
        />
      </PublicFrame>
    );
  }
  if (step.at === 'set') return <PasswordSet organisation={organisation} invited={step.invited} />;
  if (step.at === 'ended') return <LinkEnded organisation={organisation} />;
  const frame = { organisation, title: TITLE };
  if (step.at === 'not_reached') {
    return <LinkUnreachable {...frame} message={step.message} onTryAgain={tryAgain} />;
  }
  return <Opening {...frame} heights={HEIGHTS} />;
}
