'use client';
import { useEffect } from 'react';
import { PublicFrame } from '#components/public-frame.tsx';
import type { RevealView } from '#lib/key-delivery/reveal/schema.ts';
import { codeErrors, codePage as messages } from '#lib/notifications/message-catalogue/en-pages.ts';
import { describeFailedRequest, describeLinkRefusal } from '../links/link-refusal-messages.ts';
import { LinkError, LinkIncomplete, LinkLoading } from '../links/link-screens.tsx';
import { useLink } from '../links/use-link.ts';
import { replaceToken } from '../links/use-token.ts';
import { openLink, showKey } from './actions.ts';
import { CodeForm, CodeFormSkeleton } from './code-form.tsx';
import { InvalidLink, KeyHidden, KeyMaybeLost, LinkUsed } from './final-screens.tsx';
import { KeyPage, type KeyStep } from './key-page.tsx';
import { deleteRetrySecret, findRetrySecret } from './retry-secret.ts';

type Step =
  | { screen: 'loading' }
  | { screen: 'error'; message: string }
  | { screen: 'code'; view: RevealView; openingId: string | null; receivedAt: number }
  | KeyStep
  | { screen: 'used'; usedAt: string }
  /** The key was sent to this tab, but the page has not shown it: the response may have been lost. */
  | { screen: 'maybe-lost'; usedAt: string; retrySecret: string }
  | { screen: 'invalid' };

/** Returns whether the key is shown. Until it is hidden, the page ignores the token in the URL, which is removed. */
const isFinal = (step: Step) => step.screen === 'key';

/** Replaces the token in the URL when the key is shown, so that the page can say so after a reload. */
const KEY_SHOWN = 'shown';

const LOADING: Step = { screen: 'loading' };
/** Returns the step of a used link. If this tab has submitted a code, the response with the key may have been lost. */
function getUsedStep(token: string, usedAt: string): Step {
  const retrySecret = findRetrySecret(token);
  return retrySecret ? { screen: 'maybe-lost', usedAt, retrySecret } : { screen: 'used', usedAt };
}

function getCodeState({ isCodeByPhone, isSmsBlocked }: RevealView) {
  if (isCodeByPhone) return 'by_phone';
  return isSmsBlocked ? 'not_sent' : 'texted';
}

/** Opens the link and returns the next step. */
async function loadStep(token: string): Promise<Step> {
  try {
    const result = await openLink({ token });
    if (result.ok) {
      const { view, openingId } = result;
      return { screen: 'code', view, openingId, receivedAt: Date.now() };
    }
    if (result.reason === 'used') return getUsedStep(token, result.usedAt);
    if (result.reason === 'invalid_link') return { screen: 'invalid' };
    return { screen: 'error', message: describeLinkRefusal(result) };
  } catch (error) {
    // The browser's console shows why the request failed.
    return { screen: 'error', message: describeFailedRequest(error) };
  }
}

/** Fetches the key again, without a code. Returns the next step, or a message if there was none. */
async function fetchKeyAgain(
  token: string,
  { usedAt, retrySecret }: Extract<Step, { screen: 'maybe-lost' }>,
): Promise<Step | string> {
  try {
    const result = await showKey({ token, code: '', retrySecret });
    if (result.ok) {
      const { username, key, guide } = result;
      return { screen: 'key', token, credentials: { username, key }, guide };
    }
    if (result.reason === 'used') {
      deleteRetrySecret(token);
      return { screen: 'used', usedAt };
    }
    return 'message' in result || result.reason === 'rate_limited'
      ? describeLinkRefusal(result)
      : { screen: 'invalid' };
  } catch (error) {
    // The browser's console shows why the request failed.
    return describeFailedRequest(error, codeErrors);
  }
}

/** Renders the page on which the integrator collects the key. */
export function RevealScreen({ organisation }: { organisation: string }) {
  const { fragment, token, isIncomplete, step, setStep, tryAgain } = useLink<Step>(
    LOADING,
    loadStep,
    isFinal,
  );

  const shownToken = step.screen === 'key' ? step.token : null;
  // Runs after the key was rendered: if that fails, a reload can still fetch the key again.
  useEffect(() => {
    if (shownToken === null) return;
    deleteRetrySecret(shownToken);
    replaceToken(KEY_SHOWN);
  }, [shownToken]);

  if (step.screen === 'key' || step.screen === 'hidden') {
    return <KeyPage organisation={organisation} step={step} onHidden={setStep} />;
  }
  if (isIncomplete && fragment === KEY_SHOWN) return <KeyHidden organisation={organisation} isIdle={false} />;
  if (isIncomplete) return <LinkIncomplete organisation={organisation} />;
  if (step.screen === 'maybe-lost' && token !== null) {
    const showAgain = async () => {
      const next = await fetchKeyAgain(token, step);
      if (typeof next === 'string') return next;
      setStep(next);
      return null;
    };
    return <KeyMaybeLost organisation={organisation} onShowAgain={showAgain} />;
  }
  if (step.screen === 'code' && token !== null) {
    return (
      <PublicFrame
        organisation={organisation}
        title={messages.title}
        description={messages.introduction({ organisation, code: getCodeState(step.view) })}
      >
        <CodeForm
          token={token}
          initial={step}
          onShown={(credentials, guide) => setStep({ screen: 'key', token, credentials, guide })}
          onUsed={(usedAt) => setStep(getUsedStep(token, usedAt))}
          onInvalidLink={() => setStep({ screen: 'invalid' })}
        />
      </PublicFrame>
    );
  }
  if (step.screen === 'invalid') return <InvalidLink organisation={organisation} />;
  if (step.screen === 'used') return <LinkUsed organisation={organisation} usedAt={step.usedAt} />;
  const frame = { organisation, title: messages.title };
  if (step.screen === 'error') {
    return <LinkError {...frame} message={step.message} onTryAgain={tryAgain} />;
  }
  return (
    <LinkLoading {...frame} description={messages.introduction({ organisation, code: 'texted' })}>
      <CodeFormSkeleton />
    </LinkLoading>
  );
}
