'use client';
import { useRouter } from 'next/navigation';
import { type FormEvent, useEffect, useState } from 'react';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { formatCount } from '#components/format.ts';
import { Notice } from '#components/notice.tsx';
import { Skeleton, SkeletonLine } from '#components/skeleton.tsx';
import type { NewScope } from '#lib/api-accounts/scopes/schema.ts';
import { MAX_ACCOUNTS } from '#lib/bulk-jobs/limits.ts';
import type { BulkOperation, Selection } from '#lib/bulk-jobs/schema.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { OUTDATED, useServerAction } from '../use-server-action.ts';
import { clearSelection } from '../users/api-accounts/list/selection.ts';
import { prepareJob, startJob } from './actions.ts';
import { buildJobHref, formatAccounts, START_LABELS } from './job-labels.ts';
import {
  type BulkValues,
  DEFAULT_VALUES,
  describeConsequence,
  OperationFields,
  toChange,
} from './operation-fields.tsx';

const EFFECT = {
  done: 'The job was started. See it under Jobs.',
  maybe: 'The job may have been started. You can safely try again: it’s started only once.',
};

const TOO_MANY = `A job can change up to ${formatCount(MAX_ACCOUNTS)} accounts. Narrow the list with the search or a tab, and select all that match.`;

/** What the dialog loads: how many accounts are selected, and what can be set. */
type Prepared = { count: number; scopes: NewScope[]; timeZone: string };

type BulkChangeDialogProps = { open: boolean; selection: Selection; onClose: () => void };

/** Asks what to do with the selected accounts, says what will happen to how many, and starts the job. */
export function BulkChangeDialog({ open, selection, onClose }: BulkChangeDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onClose}
      title="Change selected accounts"
      description="The changes are made in the background, one account after the other. You can cancel them, and see the result of each."
    >
      <BulkChangeForm selection={selection} onClose={onClose} />
    </Dialog>
  );
}

/** Loads how many accounts are selected. `problem`: why the job cannot be started. */
function usePrepared(selection: Selection) {
  // The selection at the time that the dialog was opened.
  const [input] = useState(selection);
  const [prepared, setPrepared] = useState<Prepared | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const { run, failure } = useServerAction(prepareJob, null);
  useEffect(() => {
    void run(input).then((result) => {
      if (!result) return;
      const { count, scopes, timeZone } = result;
      if (count === null) setProblem(TOO_MANY);
      else if (count === 0)
        setProblem('The selected accounts no longer exist. Close this and select others.');
      else setPrepared({ count, scopes, timeZone });
    });
  }, [run, input]);
  return { input, prepared, setPrepared, problem: problem ?? failure?.message ?? null };
}

function BulkChangeForm({ selection, onClose }: Omit<BulkChangeDialogProps, 'open'>) {
  const { input, prepared, setPrepared, problem } = usePrepared(selection);
  if (problem !== null) {
    return (
      <div className="grid gap-4">
        <Notice tone="danger" announce title={problem} />
        <DialogButtons>
          <Button onClick={onClose}>Close</Button>
        </DialogButtons>
      </div>
    );
  }
  if (!prepared) {
    return (
      <Skeleton className="grid gap-3">
        <SkeletonLine className="w-3/5" />
        <SkeletonLine className="w-2/5" />
        <SkeletonLine className="w-1/2" />
      </Skeleton>
    );
  }
  const setCount = (count: number) => setPrepared({ ...prepared, count });
  return <PreparedForm selection={input} prepared={prepared} setCount={setCount} onClose={onClose} />;
}

type PreparedFormProps = {
  selection: Selection;
  prepared: Prepared;
  setCount: (count: number) => void;
  onClose: () => void;
};

function PreparedForm({ selection, prepared, setCount, onClose }: PreparedFormProps) {
  const router = useRouter();
  const [id] = useState(() => crypto.randomUUID());
  const [operation, setOperation] = useState<BulkOperation | null>(null);
  const [values, setValues] = useState<BulkValues>(DEFAULT_VALUES);
  const [error, setError] = useState<string | null>(null);
  const [hasChanged, setHasChanged] = useState(false);
  const { run, pending, failure, setFailure, reauth } = useServerAction(startJob, EFFECT);
  const { count } = prepared;

  async function submit(event: FormEvent) {
    event.preventDefault();
    setError(null);
    setHasChanged(false);
    if (!operation) return setError('Choose what you want to do.');
    const change = toChange(operation, values);
    if (!change.ok) return setError(change.message);
    const result = await run({ id, selection, change: change.change, count });
    if (!result) return;
    if (result.ok) {
      clearSelection();
      onClose();
      router.push(buildJobHref(result.id));
    } else if (result.reason === 'changed') {
      setCount(result.count);
      setHasChanged(true);
    } else if (result.reason === 'too_many') setFailure({ message: TOO_MANY, needsSignIn: false });
    else if (result.reason === 'invalid') setError(result.message);
    else setFailure(OUTDATED);
  }

  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <OperationFields
        operation={operation}
        onOperationChange={(next) => {
          setOperation(next);
          setError(null);
        }}
        values={values}
        onChange={setValues}
        error={error}
        {...prepared}
      />
      {hasChanged && (
        <Notice tone="danger" announce title={`${formatAccounts(count)} match now`}>
          <p>Nothing was changed. Check the number, and start the job again.</p>
        </Notice>
      )}
      <div role="status">
        {operation && (
          <Notice
            tone={operation === 'activate' ? 'info' : 'warning'}
            title={`This is done to ${formatAccounts(count)}`}
          >
            <p>{describeConsequence(operation, values)}</p>
          </Notice>
        )}
      </div>
      <ActionFailure failure={failure} />
      <ReauthDialog {...reauth} />
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="danger" pending={pending} pendingLabel="Starting…">
          {operation ? START_LABELS[operation](count) : `Change ${formatAccounts(count)}`}
        </Button>
      </DialogButtons>
    </form>
  );
}
