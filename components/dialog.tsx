'use client';
import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { KeyboardEvent, ReactNode, RefObject } from 'react';
import { buttonClass } from './button-class.ts';
import { classNames } from './class-names.ts';

export type DialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  /** Room for two columns, where the window has it (from Tailwind's `lg` on). */
  wide?: boolean;
  /** Escape does not close it, only its buttons do: for what would be lost and is not shown again. */
  staysOnEscape?: boolean;
  /** Where the keyboard begins, if not at the first thing that takes it. */
  initialFocus?: RefObject<HTMLElement | null>;
  /** Where the keyboard goes on closing, where what opened the dialog may be gone by then. */
  finalFocus?: () => HTMLElement | true;
};

const STOPS = 'a[href], button:not(:disabled), input:not(:disabled), select, textarea';

/** Base UI also brings the keyboard back, but a moment later: quick presses of Tab would slip out meanwhile. */
function keepTabInside(event: KeyboardEvent<HTMLElement>) {
  if (event.key !== 'Tab') return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>(STOPS)];
  const [edge, other] = event.shiftKey ? [stops.at(0), stops.at(-1)] : [stops.at(-1), stops.at(0)];
  if (document.activeElement !== edge) return;
  event.preventDefault();
  other?.focus();
}

/**
 * A modal dialog: keeps the keyboard inside, gives it back on closing, closes with Escape. A press outside
 * does not close it, since a slip of the mouse would lose what was typed. What it holds is made afresh each
 * time that it opens. One that opens over another stands inside it, in React's tree, and darkens it.
 */
export function Dialog(props: DialogProps) {
  const { open, onOpenChange, title, description, children, wide, initialFocus, finalFocus } = props;
  const { staysOnEscape = false } = props;
  return (
    <Base.Root
      open={open}
      onOpenChange={(next, change) => {
        if (staysOnEscape && change.reason !== 'close-press') change.cancel();
        else onOpenChange(next);
      }}
      disablePointerDismissal
    >
      <Base.Portal>
        <Base.Backdrop
          forceRender
          className="fixed inset-0 z-40 bg-backdrop transition-opacity duration-150 motion-safe:data-ending-style:opacity-0 motion-safe:data-starting-style:opacity-0"
        />
        <Base.Viewport className="fixed inset-0 z-40 grid scroll-pb-36 overflow-y-auto overscroll-contain max-sm:pt-32 sm:scroll-pb-24 sm:p-6">
          <Base.Popup
            initialFocus={initialFocus ?? true}
            finalFocus={finalFocus ?? true}
            onKeyDown={keepTabInside}
            className={classNames(
              'popup-motion relative m-auto w-full max-w-lg rounded-xl bg-surface shadow-popup outline-none max-sm:mb-0 max-sm:rounded-b-none',
              wide && 'lg:max-w-4xl',
            )}
          >
            <div className="px-5 pt-5 pb-4 sm:px-6">
              <Base.Title className="pe-10 font-semibold text-xl tracking-tight">{title}</Base.Title>
              {description && (
                <Base.Description render={<div />} className="mt-1 text-muted">
                  {description}
                </Base.Description>
              )}
            </div>
            <div className="px-5 pb-5 sm:px-6 sm:pb-6">{children}</div>
            <Base.Close
              aria-label="Close"
              className={buttonClass('quiet', 'sm', 'absolute end-3 top-3.5 w-9 px-0 sm:w-8')}
            >
              <X aria-hidden="true" />
            </Base.Close>
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}

/**
 * The row of buttons at a dialog's end, the main one last; it stays in sight where the dialog is longer than the
 * window. Stands inside the form, so that Enter finds it.
 */
export function DialogButtons({ children }: { children: ReactNode }) {
  return (
    <div className="-mx-5 -mb-5 sm:-mx-6 sm:-mb-6 sticky bottom-0 mt-2 sm:-bottom-6 flex flex-col-reverse gap-2.5 rounded-b-xl border-line border-t bg-canvas px-5 py-4 max-sm:rounded-none sm:flex-row sm:justify-end sm:px-6">
      {children}
    </div>
  );
}
