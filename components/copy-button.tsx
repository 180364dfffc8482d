'use client';
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { copyButton } from '#lib/notifications/message-catalogue/en-links.ts';
import { Button, type ButtonProps } from './button.tsx';
import { classNames } from './class-names.ts';

const FEEDBACK_MS = 2500;

const messages = copyButton;

export type CopyButtonProps = Omit<ButtonProps, 'value' | 'children'> & {
  value: string;
  label: string;
  onCopied?: (() => void) | undefined;
  /** Shows the label on the button, instead of “Copy”. */
  isLabelVisible?: boolean;
  /** Shows only an icon, for a button within a line of text. */
  isIconOnly?: boolean;
};

/** Copies `value` and confirms it visually and to screen readers. `label` is the accessible name: "Copy username". */
export function CopyButton({
  value,
  label,
  onCopied,
  isLabelVisible = false,
  isIconOnly = false,
  size = 'sm',
  ...rest
}: CopyButtonProps) {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null);

  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), FEEDBACK_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(value);
      setOutcome('copied');
      onCopied?.();
    } catch {
      // The browser may deny access to the clipboard; users can still select the text.
      setOutcome('failed');
    }
  }

  return (
    <>
      <Button
        {...rest}
        size={size}
        {...(isIconOnly && { variant: 'quiet', className: '-my-2 w-9 px-0 sm:w-8', title: label })}
        onClick={copy}
      >
        {outcome === 'copied' ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
        {!isIconOnly && (
          <span
            aria-hidden="true"
            className={classNames('text-start', isLabelVisible ? 'min-w-[5em]' : 'min-w-[3.4em]')}
          >
            {outcome === 'copied' ? messages.copied : isLabelVisible ? label : messages.copy}
          </span>
        )}
        <span className="sr-only">{label}</span>
      </Button>
      <span role="status" className={outcome === 'failed' ? 'text-danger text-sm' : 'sr-only'}>
        {outcome && messages[outcome]}
      </span>
    </>
  );
}
