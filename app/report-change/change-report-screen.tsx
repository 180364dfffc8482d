'use client';
import { PublicFrame } from '#components/public-frame.tsx';
import type { ChangeView } from '#lib/api-accounts/contact-changes/schema.ts';
import { changeReportPage as messages } from '#lib/notifications/message-catalogue/en-change-report.ts';
import { describeFailedRequest, describeLinkRefusal } from '../links/link-refusal-messages.ts';
import { LinkError, LinkIncomplete, LinkLoading } from '../links/link-screens.tsx';
import { useLink } from '../links/use-link.ts';
import { openChangeNotice } from './actions.ts';
import { ChangeReportForm, ChangeReportSkeleton } from './change-report-form.tsx';
import { ChangeReported, InvalidLink } from './final-screens.tsx';

type Step =
  | { screen: 'loading' }
  | { screen: 'error'; message: string }
  | { screen: 'form'; change: ChangeView }
  | { screen: 'reported'; wasReportedBefore: boolean }
  | { screen: 'invalid' };

const LOADING: Step = { screen: 'loading' };
/** Reads the change by the token of its notice, and returns the next step. */
async function loadStep(token: string): Promise<Step> {
  try {
    const result = await openChangeNotice({ token });
    if (!result.ok) {
      return result.reason === 'invalid_link'
        ? { screen: 'invalid' }
        : { screen: 'error', message: describeLinkRefusal(result) };
    }
    return result.change.isReported
      ? { screen: 'reported', wasReportedBefore: true }
      : { screen: 'form', change: result.change };
  } catch (error) {
    // The browser's console shows why the request failed.
    return { screen: 'error', message: describeFailedRequest(error) };
  }
}

/** Renders the page that a change notice links to. The recipient can report the change as unauthorised. */
export function ChangeReportScreen({ organisation }: { organisation: string }) {
  const { token, isIncomplete, step, setStep, tryAgain } = useLink<Step>(LOADING, loadStep);

  if (isIncomplete) return <LinkIncomplete organisation={organisation} />;
  if (step.screen === 'form' && token !== null) {
    return (
      <PublicFrame
        organisation={organisation}
        title={messages.title}
        description={messages.introduction({ organisation })}
      >
        <ChangeReportForm
          token={token}
          change={step.change}
          onReported={() => setStep({ screen: 'reported', wasReportedBefore: false })}
          onInvalidLink={() => setStep({ screen: 'invalid' })}
        />
      </PublicFrame>
    );
  }
  if (step.screen === 'reported') {
    return <ChangeReported organisation={organisation} wasReportedBefore={step.wasReportedBefore} />;
  }
  if (step.screen === 'invalid') return <InvalidLink organisation={organisation} />;
  const frame = { organisation, title: messages.title };
  if (step.screen === 'error') {
    return <LinkError {...frame} message={step.message} onTryAgain={tryAgain} />;
  }
  return (
    <LinkLoading {...frame} description={messages.introduction({ organisation })}>
      <ChangeReportSkeleton />
    </LinkLoading>
  );
}
