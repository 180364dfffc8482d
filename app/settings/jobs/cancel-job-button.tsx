'use client';
import { useState } from 'react';
import { Button } from '#components/button.tsx';
import { LazyDialog, loadOnce, preloadOnIntent } from '#components/lazy-dialog.tsx';
import type { BulkJobView } from '#lib/bulk-jobs/schema.ts';

const loadDialog = loadOnce(async () => (await import('./cancel-job-dialog.tsx')).CancelJobDialog);

/** Cancels a job after a confirmation. */
export function CancelJobButton({ job }: { job: BulkJobView }) {
  const [isOpen, setIsOpen] = useState(false);
  const close = () => setIsOpen(false);
  return (
    <>
      <Button onClick={() => setIsOpen(true)} {...preloadOnIntent(loadDialog)}>
        Cancel job…
      </Button>
      <LazyDialog
        load={loadDialog}
        isOpen={isOpen}
        onCancel={close}
        props={{ open: isOpen, job, onClose: close }}
      />
    </>
  );
}
