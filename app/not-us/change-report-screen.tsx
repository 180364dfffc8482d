'use client';
import { PublicFrame } from '#components/public-frame.tsx';
import type { ChangeView } from '#lib/api-accounts/contact-changes/schema.ts';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { LinkUnreachable, Opening } from '../links/link-screens.tsx';
import { describeRefusal, NO_RESPONSE } from '../links/refusal-messages.ts';
import { useLink } from '../links/use-link.ts';
import { openChangeNotice } from './actions.ts';
import { ChangeReportForm } from './change-report-form.tsx';
import { ChangeReported, LinkEnded } from './closed-screens.tsx';

type Step =
  | { screen: 'opening' }
  | { screen: 'unreachable'; message: string }
  | { screen: 'form'; change: ChangeView }
  | { screen: 'reported'; wasReportedBefore: boolean }
  | { screen: 'ended' };

const OPENING: Step = { screen: 'opening' };
const messages = en.changeReportPage;
/** Heights of the form that follows. */
const HEIGHTS = ['h-24', 'h-10'];

/** Opens the link and returns the next step. */
async function open(token: string): Promise<Step> {
  try {
    const result = await openChangeNotice({ token });
    if (!result.ok) {
      return result.reason === 'ended'
        ? { screen: 'ended' }
        : { screen: 'unreachable', message: describeRefusal(result) };
    }
    return result.change.isReported
      ? { screen: 'reported', wasReportedBefore: true }
      : { screen: 'form', change: result.change };
  } catch {
    // The connection was lost; the browser's console has the cause.
    return { screen: 'unreachable', message: NO_RESPONSE };
  }
}

/** The page of a notice's link, on which its recipient can report an unauthorised change. */
export function ChangeReportScreen({ organisation }: { organisation: string }) {
  const { token, step, setStep, tryAgain } = useLink<Step>(OPENING, open);

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
          onEnded={() => setStep({ screen: 'ended' })}
        />
      </PublicFrame>
    );
  }
  if (step.screen === 'reported') {
    return <ChangeReported organisation={organisation} wasReportedBefore={step.wasReportedBefore} />;
  }
  if (step.screen === 'ended') return <LinkEnded organisation={organisation} />;
  const frame = { organisation, title: messages.title };
  if (step.screen === 'unreachable') {
    return <LinkUnreachable {...frame} message={step.message} onTryAgain={tryAgain} />;
  }
  return <Opening {...frame} heights={HEIGHTS} />;
}
