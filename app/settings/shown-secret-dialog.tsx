'use client';
import { type ReactNode, useId, useState } from 'react';
import { Button } from '#components/button.tsx';
import { CopyButton } from '#components/copy-button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { capitalize } from '#components/format.ts';
import { Notice } from '#components/notice.tsx';
import { useLeaveWarning } from '#components/use-leave-warning.ts';
import { usePageHide } from '#components/use-page-hide.ts';

/** A new secret. `owner`: the name of what it belongs to. */
export type ShownSecret = { owner: string; secret: string };

type SecretTexts = {
  title: string;
  /** In the middle of a sentence: "access token". */
  noun: string;
  /** Says where to save the secret. */
  children: ReactNode;
};

type ShownSecretDialogProps = SecretTexts & { shown: ShownSecret | null; onClose: () => void };

/** Shows a new secret once, until the user closes the dialog or leaves the page. Asks first if it was not copied. */
export function ShownSecretDialog({ shown, title, onClose, ...texts }: ShownSecretDialogProps) {
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
      title={title}
      description={
        shown && (
          <bdi translate="no" className="wrap-anywhere">
            {shown.owner}
          </bdi>
        )
      }
    >
      {shown && (
        <SecretContent
          {...texts}
          secret={shown.secret}
          isCopied={isCopied}
          isAsking={isAsking && !isCopied}
          onCopied={() => setIsCopied(true)}
          onClose={close}
        />
      )}
    </Dialog>
  );
}

type SecretContentProps = Pick<SecretTexts, 'noun' | 'children'> & {
  secret: string;
  isCopied: boolean;
  /** The user wants to close the dialog, although the secret was not copied. */
  isAsking: boolean;
  onCopied: () => void;
  onClose: () => void;
};

function SecretContent(props: SecretContentProps) {
  const { noun, children, secret, isCopied, isAsking, onCopied, onClose } = props;
  const labelId = useId();
  usePageHide(onClose);
  useLeaveWarning(!isCopied, `You haven’t copied the ${noun}. Leave without it?`);
  return (
    <div className="grid gap-4">
      <Notice tone="warning" title="Copy it now. You won’t see it again.">
        <p>{children}</p>
      </Notice>
      <div className="grid gap-1.5">
        <div className="flex items-end justify-between gap-3">
          <span id={labelId} className="font-medium">
            {capitalize(noun)}
          </span>
          <CopyButton value={secret} label={`Copy ${noun}`} onCopied={onCopied} />
        </div>
        <output
          aria-labelledby={labelId}
          translate="no"
          onCopy={onCopied}
          className="block select-all break-all rounded-md border border-line bg-sunken px-3 py-2.5 font-mono"
        >
          {secret}
        </output>
      </div>
      {isAsking && (
        <Notice tone="danger" title={`You haven’t copied the ${noun}`} announce>
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
