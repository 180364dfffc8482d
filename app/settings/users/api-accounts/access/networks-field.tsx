'use client';
import { type Ref, useId, useState } from 'react';
import { Button } from '#components/button.tsx';
import { TextAreaField } from '#components/text-area-field.tsx';
import type { NetworkUse } from '#lib/api-accounts/networks/schema.ts';
import { MAX_NETWORKS } from '#lib/api-accounts/schema.ts';
import { splitNetworks } from '#lib/platform/user-input/networks.ts';
import { describeSuggestion, suggestNetworks } from './network-suggestions.ts';
import { ProxyNotice } from './proxy-notice.tsx';

type NetworksFieldProps = {
  name: string;
  /** Lines as typed; null: anywhere. */
  value: string[] | null | undefined;
  onChange: (value: string[] | null) => void;
  onBlur: () => void;
  ref: Ref<HTMLTextAreaElement>;
  error: string | undefined;
  use: NetworkUse;
  /** Whether the account does not exist yet, so that it has no requests to suggest networks from. */
  isNew?: boolean;
};

/** Renders the field for the networks from which an account's keys are allowed, with suggestions. */
export function NetworksField({
  value = null,
  onChange,
  use,
  error,
  isNew = false,
  ...field
}: NetworksFieldProps) {
  const lines = value ?? [];
  const hasEntries = splitNetworks(lines).length > 0;
  return (
    <div className="grid gap-2.5">
      <TextAreaField
        {...field}
        label="Allowed networks"
        value={lines.join('\n')}
        onChange={({ target }) => onChange(target.value === '' ? null : target.value.split('\n'))}
        error={error}
        description={`IPv4 or IPv6 addresses, or ranges like 192.0.2.0/24: one per line, up to ${MAX_NETWORKS}. Requests from elsewhere are refused. Leave empty for anywhere.`}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        translate="no"
      />
      {!isNew && <Suggestions lines={lines} use={use} onChange={onChange} />}
      {hasEntries && <ProxyNotice use={use} />}
    </div>
  );
}

type SuggestionsProps = { lines: string[]; use: NetworkUse; onChange: (value: string[]) => void };

function Suggestions({ lines, use, onChange }: SuggestionsProps) {
  const statusId = useId();
  const [result, setResult] = useState('');
  const unavailable = describeSuggestion(use);

  function suggest() {
    const { added, message } = suggestNetworks(lines, use);
    if (added.length > 0) onChange([...lines.filter((line) => line.trim() !== ''), ...added]);
    setResult(message);
  }

  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
      <Button
        size="sm"
        unavailable={unavailable !== null}
        aria-describedby={unavailable === null ? undefined : statusId}
        onClick={suggest}
      >
        Suggest from recent use
      </Button>
      <p id={statusId} role="status" className="min-w-0 text-muted text-sm">
        {unavailable ?? result}
      </p>
    </div>
  );
}
