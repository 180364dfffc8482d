'use client';
import { useCallback } from 'react';
import type { KeyGuide } from '#lib/key-delivery/key-page/schema.ts';
import { Contact, FirstRequest } from './done-step.tsx';
import { KeyHidden } from './final-screens.tsx';
import { type Credentials, ShownKey } from './shown-key.tsx';
import { useFirstRequest } from './use-first-request.ts';
import type { HideReason } from './use-key-hiding.ts';

type HiddenStep = {
  screen: 'hidden';
  /** Hidden after a time without activity, not by the button or by leaving the page. */
  isIdle: boolean;
  /** Null if the page was left. */
  guide: KeyGuide | null;
};
/** Only the state `key` contains the key, so replacing it removes the key. */
export type KeyStep =
  | { screen: 'key'; token: string; credentials: Credentials; guide: KeyGuide | null }
  | HiddenStep;

type KeyPageProps = { organisation: string; step: KeyStep; onHidden: (step: HiddenStep) => void };

/** Shows the key, and waits for its first request, also after the key was hidden. */
export function KeyPage({ organisation, step, onHidden }: KeyPageProps) {
  const { guide } = step;
  const { firstRequest, recordTest } = useFirstRequest(guide?.pageToken ?? null);
  const hideCredentials = useCallback(
    (reason: HideReason) =>
      onHidden({
        screen: 'hidden',
        isIdle: reason === 'idle',
        guide: reason === 'left' ? null : guide,
      }),
    [onHidden, guide],
  );

  if (step.screen === 'key') {
    return (
      <ShownKey
        organisation={organisation}
        credentials={step.credentials}
        guide={guide}
        firstRequest={firstRequest}
        onTested={recordTest}
        onHide={hideCredentials}
      />
    );
  }
  return (
    <KeyHidden organisation={organisation} isIdle={step.isIdle}>
      {guide && (
        <>
          <FirstRequest organisation={organisation} state={firstRequest} />
          <Contact organisation={organisation} contact={guide.contact} />
        </>
      )}
    </KeyHidden>
  );
}
