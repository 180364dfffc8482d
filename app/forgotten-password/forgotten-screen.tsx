'use client';
import Link from 'next/link';
import { useEffect, useRef, useState } from 'react';
import { buttonClass } from '#components/button-class.ts';
import { PublicFrame } from '#components/public-frame.tsx';
import { ForgottenForm } from './forgotten-form.tsx';

const TITLE = 'Forgotten your password?';

/** Shows the form, then the same confirmation whether or not a user has the address. */
export function ForgottenScreen({ organisation }: { organisation: string }) {
  const [email, setEmail] = useState<string | null>(null);
  if (email !== null) return <Requested organisation={organisation} email={email} />;
  return (
    <PublicFrame
      organisation={organisation}
      title={TITLE}
      description="Enter the email address that you sign in with. You get a link to set a new password."
    >
      <ForgottenForm onRequested={setEmail} />
      <noscript>
        <p className="mt-4">This page needs JavaScript. Switch it on for this page, then reload it.</p>
      </noscript>
    </PublicFrame>
  );
}

function Requested({ organisation, email }: { organisation: string; email: string }) {
  const start = useRef<HTMLDivElement>(null);
  // The focused button is gone; screen readers continue from here.
  useEffect(() => start.current?.focus(), []);
  return (
    <PublicFrame organisation={organisation} title="Look at your email">
      <div ref={start} tabIndex={-1} className="grid gap-4 outline-none">
        <p className="break-words">
          If there is an account with the address{' '}
          <bdi translate="no" className="font-medium">
            {email}
          </bdi>
          , an email is on its way. Its link is good for one hour.
        </p>
        <p className="text-muted">
          Nothing there after some minutes? Look among the unwanted mail, check the address, or ask a Settings
          Administrator at {organisation}. An address gets five of these emails an hour at most; the link in
          each works until you have used one.
        </p>
        <p className="text-muted">
          Were you invited, and have not accepted yet? Then no email comes: ask whoever invited you for a new
          invitation.
        </p>
        <Link href="/sign-in" className={buttonClass('secondary')}>
          Back to sign in
        </Link>
      </div>
    </PublicFrame>
  );
}
