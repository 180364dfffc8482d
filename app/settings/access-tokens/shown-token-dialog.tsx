'use client';
import { useId, useState } from 'react';
import { Button } from '#components/button.tsx';
import { CopyButton } from '#components/copy-button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { Notice } from '#components/notice.tsx';
import { useLeaveWarning } from '#components/use-leave-warning.ts';
import { usePageHide } from '#components/use-page-hide.ts';

export type ShownToken = { name: string; token: string };

type ShownTokenDialogProps = { shown: ShownToken | null; onClose: () => void };

/** Shows a new access token once, until the user closes the dialog or leaves the page. Asks first if it was not copied. */
export function ShownTokenDialog({ shown, onClose }: ShownTokenDialogProps) {
  const [isCopied, setIsCopied] = useState(false);
  const [isAsking, setIsAsking] = useState(false);

  function close() {
    setIsCopied(false);
    setIsAsking(false);
    onClose();
  }

  return (
    <Dialog
      open={shown !== null}
      onOpenChange={() => (isCopied || isAsking ? close() : setIsAsking(true))}
      ignoresEscape
      title="Your new access token"
      description={shown && <bdi translate="no">{shown.name}</bdi>}
    >
      {shown && (
        <TokenContent
          token={shown.token}
          isCopied={isCopied}
          isAsking={isAsking && !isCopied}
          onCopied={() => setIsCopied(true)}
          onClose={close}
        />
      )}
    </Dialog>
  );
}

type TokenContentProps = {
  token: string;
  isCopied: boolean;
  /** The user wants to close the dialog, although the token was not copied. */
  isAsking: boolean;
  onCopied: () => void;
  onClose: () => void;
};

function TokenContent({ token, isCopied, isAsking, onCopied, onClose }: TokenContentProps) {
  const labelId = useId();
  usePageHide(onClose);
  useLeaveWarning(!isCopied, 'You haven’t copied the access token. Leave without it?');
  return (
    <div className="grid gap-4">
      <Notice tone="warning" title="Copy it now. You won’t see it again.">
        <p>
          Save it where the program reads its secrets. We store only a digest of it, so we can’t show it
          again.
        </p>
      </Notice>
      <div className="grid gap-1.5">
        <div className="flex items-end justify-between gap-3">
          <span id={labelId} className="font-medium">
            Access token
          </span>
          <CopyButton value={token} label="Copy access token" onCopied={onCopied} />
        </div>
        <output
          aria-labelledby={labelId}
          translate="no"
          onCopy={onCopied}
          className="block select-all break-all rounded-md border border-line bg-sunken px-3 py-2.5 font-mono"
        >
          {token}
        </output>
      </div>
      {isAsking && (
        <Notice tone="danger" title="You haven’t copied the token" announce>
          <p>Copy it first. To close this without it, select Close again.</p>
        </Notice>
      )}
      <DialogButtons>
        <Button variant="primary" onClick={onClose}>
          I’ve saved it
        </Button>
      </DialogButtons>
    </div>
  );
}
