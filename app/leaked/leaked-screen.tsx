'use client';
import { useState } from 'react';
import { Button } from '#components/button.tsx';
import { FocusedGroup } from '#components/focused-group.tsx';
import { Notice } from '#components/notice.tsx';
import { PublicFrame } from '#components/public-frame.tsx';
import { leakedPage } from '#lib/notifications/message-catalogue/en-leaked.ts';
import { links } from '#lib/notifications/message-catalogue/en-links.ts';
import { type KeyForm, LeakReportForm } from './leak-report-form.tsx';

type LeakedScreenProps = { organisation: string; keyForm: KeyForm };

/** Shows the form, then the same confirmation whether or not a key worked. */
export function LeakedScreen({ organisation, keyForm }: LeakedScreenProps) {
  const [step, setStep] = useState<'first' | 'reported' | 'again'>('first');
  if (step === 'reported') {
    return (
      <PublicFrame organisation={organisation} title={leakedPage.reported}>
        <FocusedGroup label={leakedPage.reported}>
          <Notice tone="success">
            <p>{leakedPage.outcome}</p>
          </Notice>
          <p>{leakedPage.afterReport({ organisation })}</p>
          <Button onClick={() => setStep('again')}>{leakedPage.reportAnother}</Button>
        </FocusedGroup>
      </PublicFrame>
    );
  }
  return (
    <PublicFrame
      organisation={organisation}
      title={leakedPage.title}
      description={leakedPage.introduction({ organisation })}
      footer={leakedPage.ownKey({ organisation })}
    >
      <LeakReportForm keyForm={keyForm} hasFocus={step === 'again'} onReported={() => setStep('reported')} />
      <noscript>
        <p className="mt-4">{links.needsJavaScript}</p>
      </noscript>
    </PublicFrame>
  );
}
