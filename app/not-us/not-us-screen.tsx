'use client';
import { PublicFrame } from '#components/public-frame.tsx';
import type { ChangeView } from '#lib/api-accounts/contact-changes/schema.ts';
import { LinkUnreachable, Opening } from '../links/link-screens.tsx';
import { describeRefusal, NO_RESPONSE } from '../links/refusal-messages.ts';
import { useLink } from '../links/use-link.ts';
import { openChangeNotice } from './actions.ts';
import { ChangeReportForm } from './change-report-form.tsx';
import { ChangeReported, LinkEnded } from './closed-screens.tsx';

type Step =
  | { at: 'opening' }
  | { at: 'not_reached'; message: string }
  | { at: 'asking'; change: ChangeView }
  | { at: 'told'; earlier: boolean }
  | { at: 'ended' };

const OPENING: Step = { at: 'opening' };
const TITLE = 'Was this you?';
/** Of the form that follows. */
const HEIGHTS = ['h-24', 'h-10'];

/** Asks what stands behind the link, and says which screen follows. */
async function open(token: string): Promise<Step> {
  try {
    const result = await openChangeNotice({ token });
    if (!result.ok) {
      return result.reason === 'ended'
        ? { at: 'ended' }
        : { at: 'not_reached', message: describeRefusal(result) };
    }
    return result.change.objected ? { at: 'told', earlier: true } : { at: 'asking', change: result.change };
  } catch {
    // The connection was lost; the browser's console has the cause.
    return { at: 'not_reached', message: NO_RESPONSE };
  }
}

/** The page behind the link of a notice, on which somebody says "this was not us". */
export function NotUsScreen({ organisation }: { organisation: string }) {
  const { token, step, setStep, tryAgain } = useLink<Step>(OPENING, open);

  if (step.at === 'asking' && token !== null) {
    return (
      <PublicFrame
        organisation={organisation}
        title={TITLE}
        description={`The contact details of an API account at ${organisation} were changed. If this was not you, press the button: the administrators there are then told.`}
      >
        <ChangeReportForm
          token={token}
          change={step.change}
          onTold={() => setStep({ at: 'told', earlier: false })}
          onEnded={() => setStep({ at: 'ended' })}
        />
      </PublicFrame>
    );
  }
  if (step.at === 'told') return <ChangeReported organisation={organisation} earlier={step.earlier} />;
  if (step.at === 'ended') return <LinkEnded organisation={organisation} />;
  const frame = { organisation, title: TITLE };
  if (step.at === 'not_reached') {
    return <LinkUnreachable {...frame} message={step.message} onTryAgain={tryAgain} />;
  }
  return <Opening {...frame} heights={HEIGHTS} />;
}
