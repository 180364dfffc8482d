'use client';
import { useEffect, useId, useRef } from 'react';
import { Button } from '#components/button.tsx';
import { CopyButton } from '#components/copy-button.tsx';
import { Notice } from '#components/notice.tsx';
import { PublicFrame } from '#components/public-frame.tsx';
import { useHiding } from './use-hiding.ts';

export type Key = { username: string; key: string };

type ShownKeyProps = { organisation: string; shown: Key; onHide: (idle: boolean) => void };

/** One half of the credential: to be read, selected whole, or copied. */
function Credential({ label, value, copyLabel }: { label: string; value: string; copyLabel: string }) {
  const id = useId();
  return (
    <div className="grid gap-1.5">
      <div className="flex items-end justify-between gap-3">
        <span id={id} className="font-medium">
          {label}
        </span>
        <CopyButton value={value} label={copyLabel} />
      </div>
      <output
        aria-labelledby={id}
        translate="no"
        className="block select-all break-all rounded-md border border-line bg-sunken px-3 py-2.5 font-mono"
      >
        {value}
      </output>
    </div>
  );
}

/** Username and key, until the page is left or nobody is there any more. */
export function ShownKey({ organisation, shown, onHide }: ShownKeyProps) {
  useHiding(onHide);
  const start = useRef<HTMLDivElement>(null);

  // What had the keyboard is gone; a screen reader goes on from here.
  useEffect(() => start.current?.focus(), []);

  return (
    <PublicFrame organisation={organisation} title="Your API key">
      <div ref={start} tabIndex={-1} className="grid gap-5 outline-none">
        <Notice tone="warning" title="Save both now: they will not be shown again">
          <p>
            Keep them where your passwords are kept. If the key is lost, or someone else may have seen it, ask
            the administrator at {organisation} to reset it.
          </p>
        </Notice>
        <Credential label="Username" value={shown.username} copyLabel="Copy username" />
        <Credential label="API Key" value={shown.key} copyLabel="Copy API key" />
        <p className="text-muted text-sm">
          Send them with each request by Basic authentication: the username, and the key as the password. The
          page hides the key after five minutes without a touch.
        </p>
        <Button onClick={() => onHide(false)}>I have saved both: hide the key</Button>
      </div>
    </PublicFrame>
  );
}
