'use client';
import { useEffect, useId, useRef } from 'react';
import { Button } from '#components/button.tsx';
import { CopyButton } from '#components/copy-button.tsx';
import { Notice } from '#components/notice.tsx';
import { PublicFrame } from '#components/public-frame.tsx';
import { useHiding } from './use-hiding.ts';

export type Credentials = { username: string; key: string };

type ShownKeyProps = {
  organisation: string;
  credentials: Credentials;
  onHide: (isIdle: boolean) => void;
};

/** Shows one half of the credentials, with a button that copies it. */
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

/** Shows username and key until the integrator leaves the page or is idle. */
export function ShownKey({ organisation, credentials, onHide }: ShownKeyProps) {
  useHiding(onHide);
  const start = useRef<HTMLDivElement>(null);

  // The focused element is gone; screen readers continue from here.
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
        <Credential label="Username" value={credentials.username} copyLabel="Copy username" />
        <Credential label="API Key" value={credentials.key} copyLabel="Copy API key" />
        <p className="text-muted text-sm">
          Send them with each request by Basic authentication: the username, and the key as the password. The
          page hides the key after five minutes without a touch.
        </p>
        <Button onClick={() => onHide(false)}>I have saved both: hide the key</Button>
      </div>
    </PublicFrame>
  );
}
