'use client';
import { Download, KeyRound } from 'lucide-react';
import { type FormEvent, useCallback, useEffect, useId, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { CopyButton } from '#components/copy-button.tsx';
import { Notice } from '#components/notice.tsx';
import { keyPage as messages } from '#lib/notifications/message-catalogue/en-pages.ts';
import { buildEnvFile, buildEnvFileName } from './env-file.ts';
import type { Credentials } from './shown-key.tsx';
import { Step } from './step.tsx';

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

/**
 * Returns a function that lets the browser save a text as a file. The file's URL does not contain the text, which the
 * browser releases with the component, so that it does not outlive the key on the page.
 */
function useDownload(): (name: string, text: string) => void {
  const url = useRef<string | null>(null);
  const release = useCallback(() => {
    if (url.current) URL.revokeObjectURL(url.current);
  }, []);
  useEffect(() => release, [release]);
  return useCallback(
    (name, text) => {
      release();
      url.current = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
      const link = document.createElement('a');
      link.href = url.current;
      link.download = name;
      link.click();
    },
    [release],
  );
}

/** A part of the Credential Management API. Not all browsers have it, so TypeScript does not know it. */
type PasswordCredentialConstructor = new (form: HTMLFormElement) => Credential;

/** Makes Chromium offer to save the fields of a form. Other browsers and password managers notice the submission. */
async function offerToSave(form: HTMLFormElement): Promise<void> {
  const { PasswordCredential } = window as { PasswordCredential?: PasswordCredentialConstructor };
  if (PasswordCredential) await navigator.credentials.store(new PasswordCredential(form));
}

/** The fields that password managers read. They do not read the visible texts. */
function PasswordFields({ credentials: { username, key } }: { credentials: Credentials }) {
  return (
    <div aria-hidden="true" className="sr-only">
      <input type="text" name="username" autoComplete="username" value={username} readOnly tabIndex={-1} />
      <input type="password" name="password" autoComplete="new-password" value={key} readOnly tabIndex={-1} />
    </div>
  );
}

type SaveStepProps = {
  organisation: string;
  credentials: Credentials;
  baseUrl: string | null;
  onSaved: () => void;
};

/** Shows the username and the key, with several ways to save them. */
export function SaveStep({ organisation, credentials, baseUrl, onSaved }: SaveStepProps) {
  const [status, setStatus] = useState('');
  const download = useDownload();

  function handleDownload() {
    download(buildEnvFileName(organisation), buildEnvFile({ organisation, ...credentials, baseUrl }));
    onSaved();
  }

  // Does not count as saved: the browser does not tell whether the reader accepted.
  async function handleSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setStatus('');
    const isOffered = await offerToSave(event.currentTarget).then(
      () => true,
      // The browser may refuse, for example if the reader has disabled saving.
      () => false,
    );
    setStatus(isOffered ? messages.passwordManagerAsked : messages.passwordManagerFailed);
  }

  return (
    <Step number={1} title={messages.save}>
      <Notice tone="warning" title={messages.saveNow}>
        <p>{messages.saveAdvice({ organisation })}</p>
      </Notice>
      <form method="post" onSubmit={handleSubmit} className="grid gap-4">
        <Credential
          label={messages.username}
          value={credentials.username}
          copyLabel={messages.copyUsername}
        />
        <Credential
          label={messages.key}
          value={credentials.key}
          copyLabel={messages.copyKey}
          onCopied={onSaved}
        />
        <PasswordFields credentials={credentials} />
        <div className="flex flex-wrap gap-2">
          <CopyButton
            value={messages.bothCopied(credentials)}
            label={messages.copyBoth}
            isLabelVisible
            onCopied={onSaved}
          />
          <Button size="sm" onClick={handleDownload}>
            <Download aria-hidden="true" />
            <span>{messages.download}</span>
          </Button>
          <Button size="sm" type="submit">
            <KeyRound aria-hidden="true" />
            <span>{messages.saveInPasswordManager}</span>
          </Button>
        </div>
        <p role="status" className="text-muted text-sm empty:hidden">
          {status}
        </p>
      </form>
    </Step>
  );
}
