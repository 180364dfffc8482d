'use client';
import { PublicFrame } from '#components/public-frame.tsx';
import type { EmailLinkView } from '#lib/identity/passwords/read-email-link.ts';
import { describeFailedRequest, describeLinkRefusal } from '../links/link-refusal-messages.ts';
import { LinkError, LinkIncomplete, LinkLoading } from '../links/link-screens.tsx';
import { useLink } from '../links/use-link.ts';
import { openEmailLink } from './actions.ts';
import { InvalidLink, PasswordSet } from './final-screens.tsx';
import { SetPasswordForm, SetPasswordSkeleton } from './set-password-form.tsx';

type Step =
  | { screen: 'loading' }
  | { screen: 'error'; message: string }
  | { screen: 'form'; link: EmailLinkView }
  | { screen: 'set'; isInvitation: boolean }
  | { screen: 'invalid' };

const LOADING: Step = { screen: 'loading' };
const TITLE = 'Set your password';

/** Opens the link and returns the next step. */
async function loadStep(token: string): Promise<Step> {
  try {
    const result = await openEmailLink({ token });
    if (result.ok) return { screen: 'form', link: result.link };
    if (result.reason === 'invalid_link') return { screen: 'invalid' };
    return { screen: 'error', message: describeLinkRefusal(result) };
  } catch (error) {
    // The browser's console shows why the request failed.
    return { screen: 'error', message: describeFailedRequest(error) };
  }
}

/** Renders the page of an invitation or a password reset link. */
export function SetPasswordScreen({ organisation }: { organisation: string }) {
  const { token, isIncomplete, step, setStep, tryAgain } = useLink<Step>(LOADING, loadStep);

  if (isIncomplete) return <LinkIncomplete organisation={organisation} />;
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
          onInvalidLink={() => setStep({ screen: 'invalid' })}
        />
      </PublicFrame>
    );
  }
  if (step.screen === 'set') {
    return <PasswordSet organisation={organisation} isInvitation={step.isInvitation} />;
  }
  if (step.screen === 'invalid') return <InvalidLink organisation={organisation} />;
  const frame = { organisation, title: TITLE };
  if (step.screen === 'error') {
    return <LinkError {...frame} message={step.message} onTryAgain={tryAgain} />;
  }
  return (
    <LinkLoading {...frame} description="You’ll sign in as someone@example.com.">
      <SetPasswordSkeleton />
    </LinkLoading>
  );
}
