'use client';
import { Download, Printer } from 'lucide-react';
import { useState } from 'react';
import { Button } from '#components/button.tsx';
import { CopyButton } from '#components/copy-button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { Notice } from '#components/notice.tsx';
import { useLeaveWarning } from '#components/use-leave-warning.ts';
import { usePageHide } from '#components/use-page-hide.ts';

export const RECOVERY_CODES_PURPOSE =
  'Use one if you lose your passkey or authenticator app. Each works once, with your password.';

/** Saves a text as a file, without a request to the server. */
function downloadText(text: string, name: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}

type RecoveryCodesDialogProps = { codes: string[] | null; onClose: () => void };

/** Shows recovery codes once, until the user closes the dialog or leaves the page. Asks first if they were not saved. */
export function RecoveryCodesDialog({ codes, onClose }: RecoveryCodesDialogProps) {
  const [isSaved, setIsSaved] = useState(false);
  const [isAsking, setIsAsking] = useState(false);

  function close() {
    setIsSaved(false);
    setIsAsking(false);
    onClose();
  }

  return (
    <Dialog
      open={codes !== null}
      onOpenChange={() => (isSaved || isAsking ? close() : setIsAsking(true))}
      ignoresEscape
      title="Your recovery codes"
      description={RECOVERY_CODES_PURPOSE}
    >
      {codes && (
        <RecoveryCodes
          codes={codes}
          isSaved={isSaved}
          isAsking={isAsking && !isSaved}
          onSaved={() => setIsSaved(true)}
          onClose={close}
        />
      )}
    </Dialog>
  );
}

type RecoveryCodesProps = {
  codes: string[];
  /** The codes were copied, downloaded or printed. */
  isSaved: boolean;
  /** The user wants to close the dialog, although the codes were not saved. */
  isAsking: boolean;
  onSaved: () => void;
  onClose: () => void;
};

function RecoveryCodes({ codes, isSaved, isAsking, onSaved, onClose }: RecoveryCodesProps) {
  usePageHide(onClose);
  useLeaveWarning(!isSaved, 'You haven’t saved your recovery codes. Leave without them?');

  function download(text: string) {
    downloadText(text, 'stagedoor-recovery-codes.txt');
    onSaved();
  }

  function print() {
    window.print();
    onSaved();
  }

  const text = `${codes.join('\n')}\n`;
  return (
    <div className="grid gap-4">
      <Notice tone="warning" title="Save these now. You won’t see them again.">
        <p>Save them in your password manager or print them. Don’t keep them only on your phone.</p>
      </Notice>
      <ol
        aria-label="Recovery codes"
        data-print="alone"
        translate="no"
        onCopy={onSaved}
        className="grid select-all gap-x-6 gap-y-1.5 rounded-md border border-line bg-sunken px-4 py-3 font-mono sm:grid-cols-2"
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className="flex flex-wrap items-center gap-2">
        <CopyButton value={text} label="Copy recovery codes" onCopied={onSaved} />
        <Button size="sm" onClick={() => download(text)}>
          <Download aria-hidden="true" />
          Download
        </Button>
        <Button size="sm" onClick={print}>
          <Printer aria-hidden="true" />
          Print
        </Button>
      </div>
      {isAsking && (
        <Notice tone="danger" title="You haven’t saved the codes" announce>
          <p>Copy, download or print them first. To close this without saving them, select Close again.</p>
        </Notice>
      )}
      <DialogButtons>
        <Button variant="primary" onClick={onClose}>
          I’ve saved them
        </Button>
      </DialogButtons>
    </div>
  );
}
