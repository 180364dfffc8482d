'use client';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button } from '#components/button.tsx';
import { formatCount } from '#components/format.ts';
import { Notice } from '#components/notice.tsx';
import { RadioField } from '#components/radio-field.tsx';
import type { BulkJobView, ImportMode } from '#lib/bulk-jobs/schema.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { useServerAction } from '../use-server-action.ts';
import { startImportJob } from './actions.ts';
import { formatAccounts, formatRows } from './job-labels.ts';

const EFFECT = {
  done: 'The import was started.',
  maybe: 'The import may have been started. You can safely try again: it’s started only once.',
};

const MODES: { value: ImportMode; label: string; description: string }[] = [
  {
    value: 'all',
    label: 'Create all accounts, or none',
    description: 'If a row turns out to have an error, no account is created and nothing is sent.',
  },
  {
    value: 'valid',
    label: 'Create the valid ones',
    description: 'Rows with errors are left out. You can export them, correct them and import them again.',
  },
];

/** Asks how an import is done, says what will happen, and starts it. */
export function StartImportForm({ job: { id, counts } }: { job: BulkJobView }) {
  const router = useRouter();
  const [mode, setMode] = useState<ImportMode>(counts.invalid > 0 ? 'valid' : 'all');
  const { run, pending, failure, setFailure, reauth } = useServerAction(startImportJob, EFFECT);
  const { pending: valid, invalid } = counts;

  async function submit(event: FormEvent) {
    event.preventDefault();
    const result = await run({ id, mode });
    if (!result) return;
    if (!result.ok && result.reason === 'not_all_valid') {
      const message = `Nothing was created: ${formatRows(result.count)} ${result.count === 1 ? 'has' : 'have'} errors. Correct the file and upload it again, or create the valid ones.`;
      setFailure({ message, needsSignIn: false });
    } else router.refresh();
  }

  if (valid === 0) {
    return (
      <Notice tone="danger" title="No row is valid">
        <p>Correct the file, and upload it again.</p>
      </Notice>
    );
  }
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <fieldset className="grid min-w-0 gap-3">
        <legend className="mb-2 font-medium">Which accounts do you want to create?</legend>
        {MODES.map(({ value, label, description }) => (
          <RadioField
            key={value}
            name="mode"
            label={label}
            description={description}
            checked={mode === value}
            onChange={() => setMode(value)}
          />
        ))}
      </fieldset>
      <div role="status">
        {mode === 'all' && invalid > 0 ? (
          <Notice tone="danger" title={`No account would be created: ${formatRows(invalid)} with errors`} />
        ) : (
          <Notice tone="warning" title={`This creates ${formatAccounts(valid)}`}>
            <p>
              Each company gets an email with a link and a text with a code. If today’s limit of text messages
              is reached, the others get theirs on the following days.
            </p>
          </Notice>
        )}
      </div>
      <ActionFailure failure={failure} />
      <ReauthDialog {...reauth} />
      <div>
        <Button type="submit" variant="primary" pending={pending} pendingLabel="Starting…">
          {valid === 1 ? 'Create 1 API Account' : `Create ${formatCount(valid)} API Accounts`}
        </Button>
      </div>
    </form>
  );
}
