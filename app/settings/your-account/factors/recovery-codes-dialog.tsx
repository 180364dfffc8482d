'use client';
import { Download, Printer } from 'lucide-react';
import { Button } from '#components/button.tsx';
import { CopyButton } from '#components/copy-button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { Notice } from '#components/notice.tsx';
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

/** Shows recovery codes once, until the user closes the dialog or leaves the page. */
export function RecoveryCodesDialog({ codes, onClose }: { codes: string[] | null; onClose: () => void }) {
  return (
    <Dialog
      open={codes !== null}
      onOpenChange={onClose}
      ignoresEscape
      title="Your recovery codes"
      description={RECOVERY_CODES_PURPOSE}
    >
      {codes && <RecoveryCodes codes={codes} onClose={onClose} />}
    </Dialog>
  );
}

function RecoveryCodes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  usePageHide(onClose);
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
        className="grid select-all gap-x-6 gap-y-1.5 rounded-md border border-line bg-sunken px-4 py-3 font-mono sm:grid-cols-2"
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className="flex flex-wrap items-center gap-2">
        <CopyButton value={text} label="Copy recovery codes" />
        <Button size="sm" onClick={() => downloadText(text, 'stagedoor-recovery-codes.txt')}>
          <Download aria-hidden="true" />
          Download
        </Button>
        <Button size="sm" onClick={() => window.print()}>
          <Printer aria-hidden="true" />
          Print
        </Button>
      </div>
      <DialogButtons>
        <Button variant="primary" onClick={onClose}>
          I’ve saved them
        </Button>
      </DialogButtons>
    </div>
  );
}
