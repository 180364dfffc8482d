'use client';
import { useRouter } from 'next/navigation';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { Notice } from '#components/notice.tsx';
import type { BulkJobView } from '#lib/bulk-jobs/schema.ts';
import { ActionFailure } from '../action-failure.tsx';
import { useServerAction } from '../use-server-action.ts';
import { cancelJob } from './actions.ts';
import { formatJobTitle, JOB_ID } from './job-labels.ts';

const EFFECT = {
  done: 'The job was cancelled.',
  maybe: 'The job may have been cancelled. You can safely try again.',
};

type CancelJobDialogProps = { open: boolean; job: BulkJobView; onClose: () => void };

/** Asks for a confirmation, and cancels a job. */
export function CancelJobDialog({ open, job, onClose }: CancelJobDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onClose}
      title="Cancel job"
      description={formatJobTitle(job)}
      // The button disappears once the job has ended.
      finalFocus={() => document.getElementById(JOB_ID) ?? true}
    >
      <CancelForm job={job} onClose={onClose} />
    </Dialog>
  );
}

function CancelForm({ job, onClose }: Omit<CancelJobDialogProps, 'open'>) {
  const router = useRouter();
  const { run, pending, failure } = useServerAction(cancelJob, EFFECT);

  async function cancel() {
    const result = await run({ id: job.id });
    if (!result) return;
    // The job may also have ended meanwhile. The page shows which.
    onClose();
    router.refresh();
  }

  return (
    <div className="grid gap-4">
      {job.state === 'running' ? (
        <Notice tone="warning" title="What is done already stays">
          <p>
            The accounts that the job has not reached yet stay as they are. You can’t go on with it later.
          </p>
          {job.options.mode === 'all' && (
            <p>
              If the accounts were created already, reset the API key of those that haven’t got their link
              yet.
            </p>
          )}
        </Notice>
      ) : (
        <Notice tone="warning" title="Nothing was created yet">
          <p>To import the file later, upload it again.</p>
        </Notice>
      )}
      <ActionFailure failure={failure} />
      <DialogButtons>
        <Button onClick={onClose}>{job.state === 'running' ? 'Keep it running' : 'Keep it'}</Button>
        <Button variant="danger" pending={pending} pendingLabel="Cancelling…" onClick={cancel}>
          Cancel job
        </Button>
      </DialogButtons>
    </div>
  );
}
