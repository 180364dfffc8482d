'use client';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';

type DiscardDialogProps = { isOpen: boolean; onClose: (isDiscarded: boolean) => void };

/** Asks whether unsaved changes may be lost. Takes the `question` of `useUnsavedChanges`. */
export function DiscardDialog({ isOpen, onClose }: DiscardDialogProps) {
  return (
    <Dialog open={isOpen} onOpenChange={() => onClose(false)} title="Discard your changes?">
      <p className="mb-2">You haven’t saved what you changed.</p>
      <DialogButtons>
        <Button onClick={() => onClose(false)}>Keep editing</Button>
        <Button variant="danger" onClick={() => onClose(true)}>
          Discard changes
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
