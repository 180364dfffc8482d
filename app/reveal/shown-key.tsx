'use client';
import { useEffect, useId, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { CopyButton } from '#components/copy-button.tsx';
import { Notice } from '#components/notice.tsx';
import { PublicFrame } from '#components/public-frame.tsx';
import { formatMinutesAndSeconds } from '#components/use-clock.ts';
import { useLeaveWarning } from '#components/use-leave-warning.ts';
import { IDLE_MINUTES_UNTIL_HIDDEN } from '#lib/key-delivery/reveal/limits.ts';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { useKeyHiding } from './use-key-hiding.ts';

const messages = en.keyPage;

export type Credentials = { username: string; key: string };

type ShownKeyProps = {
  organisation: string;
  credentials: Credentials;
  onHide: (isIdle: boolean) => void;
};

type CredentialProps = { label: string; value: string; copyLabel: string; onCopied?: () => void };

/** Shows the username or the key, with a copy button. */
function Credential({ label, value, copyLabel, onCopied }: CredentialProps) {
  const id = useId();
  return (
    <div className="grid gap-1.5">
      <div className="flex items-end justify-between gap-3">
        <span id={id} className="font-medium">
          {label}
        </span>
        <CopyButton value={value} label={copyLabel} onCopied={onCopied} />
      </div>
      <output
        aria-labelledby={id}
        translate="no"
        onCopy={onCopied}
        className="block select-all break-all rounded-md border border-line bg-sunken px-3 py-2.5 font-mono"
      >
        {value}
      </output>
    </div>
  );
}

/** Warns that the key is about to be hidden. Any input keeps it, so the button needs no action of its own. */
function HidingWarning({ secondsLeft }: { secondsLeft: number }) {
  return (
    <div className="fixed inset-x-0 bottom-0 z-40 mx-auto w-full max-w-md p-4">
      <Notice tone="warning" title={messages.hidingSoon} announce className="shadow-popup">
        <p>{messages.keepShowingAdvice}</p>
        <div className="flex items-center justify-between gap-3">
          <Button size="sm">{messages.keepShowing}</Button>
          {/* Hidden, so that screen readers do not announce every second. */}
          <span aria-hidden="true" className="tabular-nums">
            {formatMinutesAndSeconds(secondsLeft)}
          </span>
        </div>
      </Notice>
    </div>
  );
}

/** Shows the username and the key until the integrator leaves the page, is inactive or hides them. */
export function ShownKey({ organisation, credentials, onHide }: ShownKeyProps) {
  const secondsLeft = useKeyHiding(onHide);
  const [isCopied, setIsCopied] = useState(false);
  useLeaveWarning(!isCopied, messages.leaveQuestion);
  const start = useRef<HTMLDivElement>(null);

  // The focused element was removed, so screen readers continue from here.
  useEffect(() => start.current?.focus(), []);

  return (
    <PublicFrame organisation={organisation} title={messages.title}>
      <div ref={start} tabIndex={-1} className="grid gap-5 outline-none">
        <Notice tone="warning" title={messages.saveNow}>
          <p>{messages.saveAdvice({ organisation })}</p>
        </Notice>
        <Credential
          label={messages.username}
          value={credentials.username}
          copyLabel={messages.copyUsername}
        />
        <Credential
          label={messages.key}
          value={credentials.key}
          copyLabel={messages.copyKey}
          onCopied={() => setIsCopied(true)}
        />
        <div className="grid gap-1 text-muted text-sm">
          <p>{messages.usage}</p>
          <p>{messages.hidesAfter({ minutes: IDLE_MINUTES_UNTIL_HIDDEN })}</p>
        </div>
        <Button onClick={() => onHide(false)}>{messages.hide}</Button>
        {secondsLeft !== null && <HidingWarning secondsLeft={secondsLeft} />}
      </div>
    </PublicFrame>
  );
}
