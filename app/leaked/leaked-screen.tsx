'use client';
import { useState } from 'react';
import { Button } from '#components/button.tsx';
import { FocusedGroup } from '#components/focused-group.tsx';
import { Notice } from '#components/notice.tsx';
import { PublicFrame } from '#components/public-frame.tsx';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { type KeyForm, LeakReportForm } from './leak-report-form.tsx';

const messages = en.leakedPage;

type LeakedScreenProps = { organisation: string; keyForm: KeyForm };

/** Shows the form, then the same confirmation whether or not a key worked. */
export function LeakedScreen({ organisation, keyForm }: LeakedScreenProps) {
  const [step, setStep] = useState<'first' | 'reported' | 'again'>('first');
  if (step === 'reported') {
    return (
      <PublicFrame organisation={organisation} title={messages.reported}>
        <FocusedGroup label={messages.reported}>
          <Notice tone="success">
            <p>{messages.outcome}</p>
          </Notice>
          <p>{messages.afterReport({ organisation })}</p>
          <Button onClick={() => setStep('again')}>{messages.reportAnother}</Button>
        </FocusedGroup>
      </PublicFrame>
    );
  }
  return (
    <PublicFrame
      organisation={organisation}
      title={messages.title}
      description={messages.introduction({ organisation })}
      footer={messages.ownKey({ organisation })}
    >
      <LeakReportForm keyForm={keyForm} hasFocus={step === 'again'} onReported={() => setStep('reported')} />
      <noscript>
        <p className="mt-4">{en.links.needsJavaScript}</p>
      </noscript>
    </PublicFrame>
  );
}
