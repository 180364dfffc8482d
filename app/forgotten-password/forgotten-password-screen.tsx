'use client';
import Link from 'next/link';
import { useEffect, useRef, useState } from 'react';
import { buttonClass } from '#components/button-class.ts';
import { PublicFrame } from '#components/public-frame.tsx';
import { EMAIL_LINK_HOURS } from '#lib/identity/email-links/limits.ts';
import { formatDuration } from '#lib/platform/rate-limiter/format.ts';
import { ForgottenPasswordForm } from './forgotten-password-form.tsx';

const TITLE = 'Forgotten your password?';

/** Shows the form, then the same confirmation whether or not a user has the email address. */
export function ForgottenPasswordScreen({ organisation }: { organisation: string }) {
  const [email, setEmail] = useState<string | null>(null);
  if (email !== null) return <ResetRequested organisation={organisation} email={email} />;
  return (
    <PublicFrame
      organisation={organisation}
      title={TITLE}
      description="Enter the email address you sign in with and we’ll email you a link to set a new password."
    >
      <ForgottenPasswordForm onRequested={setEmail} />
      <noscript>
        <p className="mt-4">This page needs JavaScript. Turn it on and reload the page.</p>
      </noscript>
    </PublicFrame>
  );
}

function ResetRequested({ organisation, email }: { organisation: string; email: string }) {
  const start = useRef<HTMLDivElement>(null);
  // The focused button was removed, so screen readers continue from here.
  useEffect(() => start.current?.focus(), []);
  return (
    <PublicFrame organisation={organisation} title="Check your email">
      <div ref={start} tabIndex={-1} className="grid gap-4 outline-none">
        <p className="break-words">
          If{' '}
          <bdi translate="no" className="font-medium">
            {email}
          </bdi>{' '}
          has an account, we’ve emailed a link to it. The link works for{' '}
          {formatDuration(EMAIL_LINK_HOURS.password_reset, 'hour')}.
        </p>
        <p className="text-muted">
          Nothing after a few minutes? Check your spam folder and the address above, or ask a Settings
          Administrator at {organisation}. We send only a few of these emails an hour.
        </p>
        <p className="text-muted">
          Still have an unaccepted invitation? You won’t get this email: ask a Settings Administrator for a
          new invitation instead.
        </p>
        <Link href="/sign-in" className={buttonClass('secondary')}>
          Back to sign in
        </Link>
      </div>
    </PublicFrame>
  );
}
