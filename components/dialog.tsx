'use client';
import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, type RefObject, useRef } from 'react';
import { buttonClass } from './button-class.ts';
import { classNames } from './class-names.ts';

export type DialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  /** Fills the window's height at its right edge; the content keeps its size and scrolls by itself. */
  isSheet?: boolean;
  /** Called after the dialog has closed and its animation has ended. */
  onClosed?: () => void;
  /** Ignores Escape: for content that is shown only once. */
  ignoresEscape?: boolean;
  /** Element to focus first, if not the first field, or the first focusable one of a dialog without fields. */
  initialFocus?: RefObject<HTMLElement | null>;
  /** Returns the element to focus after closing; `true`: the one that opened the dialog. */
  finalFocus?: () => HTMLElement | true;
};

const FIELD_SELECTOR = 'input:not(:disabled), select:not(:disabled), textarea:not(:disabled)';
const FOCUSABLE_SELECTOR = 'a[href], button:not(:disabled), input:not(:disabled), select, textarea';

/** Traps Tab immediately. Base UI does so with a delay, so quick presses would leave the dialog. */
function trapTab(event: KeyboardEvent<HTMLElement>) {
  if (event.key !== 'Tab') return;
  const focusable = [...event.currentTarget.querySelectorAll<HTMLElement>(FOCUSABLE_SELECTOR)];
  const [first, last] = [focusable.at(0), focusable.at(-1)];
  const [edge, other] = event.shiftKey ? [first, last] : [last, first];
  if (document.activeElement !== edge) return;
  event.preventDefault();
  other?.focus();
}

const DIALOG_CLASSES = {
  viewport:
    'fixed inset-0 z-40 grid overflow-y-auto overscroll-contain pt-4 tall:scroll-pb-24 sm:px-6 sm:pb-6 lg:pt-6 ' +
    'max-lg:tall:in-[body:has([data-toast])]:pt-32',
  popup: 'popup-motion m-auto max-w-lg rounded-xl max-sm:mb-0 max-sm:rounded-b-none',
  body: 'px-5 pb-5 sm:px-6 sm:pb-6',
};
/** In a window that is low, such as one at 400 % zoom, the whole sheet scrolls. */
const SHEET_CLASSES = {
  viewport: 'fixed inset-0 z-40 overflow-y-auto overscroll-contain',
  popup: 'sheet-motion ms-auto flex min-h-full max-w-3xl flex-col tall:h-full',
  body: 'flex min-h-0 flex-1 flex-col',
};

/**
 * Renders a modal dialog that traps focus, restores it on closing, and closes with Escape.
 * Its content mounts again each time that it opens. A click outside does not close it, because an accidental one would
 * lose what was typed. A dialog that opens over another one must be its child in React's tree.
 */
export function Dialog(props: DialogProps) {
  const { open, onOpenChange, title, description, children, initialFocus, finalFocus } = props;
  const { isSheet = false, onClosed, ignoresEscape = false } = props;
  const popup = useRef<HTMLDivElement>(null);

  // A notice with a button may precede the first field. By default, touch opens no keyboard.
  const findInitialFocus = (openedBy: string) =>
    (openedBy !== 'touch' && popup.current?.querySelector<HTMLElement>(FIELD_SELECTOR)) || true;

  return (
    <Base.Root
      open={open}
      onOpenChange={(isOpen, change) => {
        if (ignoresEscape && change.reason !== 'close-press') change.cancel();
        else onOpenChange(isOpen);
      }}
      onOpenChangeComplete={(isOpen) => {
        if (!isOpen) onClosed?.();
      }}
      disablePointerDismissal
    >
      <Base.Portal>
        <Base.Backdrop
          forceRender
          className="fixed inset-0 z-40 bg-backdrop transition-opacity duration-150 motion-safe:data-ending-style:opacity-0 motion-safe:data-starting-style:opacity-0"
        />
        <Base.Viewport className={isSheet ? SHEET_CLASSES.viewport : DIALOG_CLASSES.viewport}>
          <Base.Popup
            ref={popup}
            initialFocus={initialFocus ?? findInitialFocus}
            finalFocus={finalFocus ?? true}
            onKeyDown={trapTab}
            className={classNames(
              'relative w-full bg-surface shadow-popup outline-none',
              isSheet ? SHEET_CLASSES.popup : DIALOG_CLASSES.popup,
            )}
          >
            <div className={classNames('px-5 pt-5 pb-4 sm:px-6', isSheet && 'border-line border-b')}>
              <Base.Title className="pe-10 font-semibold text-xl tracking-tight">{title}</Base.Title>
              {description && (
                <Base.Description render={<div />} className="mt-1 text-muted">
                  {description}
                </Base.Description>
              )}
            </div>
            <div className={isSheet ? SHEET_CLASSES.body : DIALOG_CLASSES.body}>{children}</div>
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
 * Renders the dialog's buttons, the main one last. They stay visible if the dialog is taller than the window, unless the
 * window is so short, for example at a zoom of 400 %, that they would cover what is being read.
 * Must be inside the form, so that Enter submits it.
 */
export function DialogButtons({ children }: { children: ReactNode }) {
  return (
    <div className="-mx-5 -mb-5 sm:-mx-6 sm:-mb-6 tall:sticky bottom-0 mt-2 sm:-bottom-6 flex flex-wrap-reverse justify-end gap-2.5 rounded-b-xl border-line border-t bg-canvas px-5 py-4 max-sm:*:flex-1 max-sm:rounded-none sm:px-6">
      {children}
    </div>
  );
}
