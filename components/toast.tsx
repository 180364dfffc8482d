'use client';
import { Toast } from '@base-ui/react/toast';
import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import { type ReactNode, useCallback } from 'react';
import { buttonClass } from './button-class.ts';
import { classNames } from './class-names.ts';

export type ToastTone = 'success' | 'info' | 'danger';
export type ToastMessage = { title: string; description?: ReactNode; tone?: ToastTone };

/** The timer pauses while a toast is hovered or focused. */
const TIMEOUT_MS = 12_000;

const ICONS = {
  success: { icon: CircleCheck, colour: 'text-success' },
  info: { icon: Info, colour: 'text-info' },
  danger: { icon: CircleAlert, colour: 'text-danger' },
} as const;

/** Overrides Base UI's role `dialog`, which would be a second dialog on the page. */
const GROUP_ROLE = { role: 'group' } as const;

/** Returns a function that shows a message in a corner and announces it. */
export function useToast(): (message: ToastMessage) => void {
  const { add } = Toast.useToastManager();
  return useCallback(
    ({ title, description, tone = 'success' }) => {
      add({ title, description, type: tone, priority: tone === 'danger' ? 'high' : 'low' });
    },
    [add],
  );
}

/**
 * Moves the newest toast to the top while a dialog is open on a phone, because the dialog's buttons are at the bottom.
 * Hides older toasts, because `Dialog` leaves room for one.
 */
const OVER_DIALOG_CLASSES = {
  viewport: 'max-sm:in-[body:has([role=dialog])]:top-2 max-sm:in-[body:has([role=dialog])]:bottom-auto',
  older: 'max-sm:in-[body:has([role=dialog])]:hidden',
} as const;

/** Shows toasts over its children, which are the whole application. */
export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider timeout={TIMEOUT_MS} limit={3}>
      {children}
      <Toast.Portal>
        <Toast.Viewport
          aria-label="Notifications"
          className={classNames(
            'fixed inset-x-4 bottom-4 z-50 flex flex-col-reverse gap-2.5 outline-none sm:inset-x-auto sm:end-6 sm:bottom-6 sm:w-96',
            OVER_DIALOG_CLASSES.viewport,
          )}
        >
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function ToastList() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast, index) => {
    const { icon: Icon, colour } = ICONS[(toast.type as ToastTone | undefined) ?? 'success'];
    return (
      <Toast.Root
        key={toast.id}
        toast={toast}
        // Base UI announces an urgent toast elsewhere and hides the toast with its button from screen readers.
        render={({ 'aria-modal': _modal, 'aria-hidden': _hidden, ...props }) => (
          <div {...props} {...GROUP_ROLE} />
        )}
        className={classNames(
          'popup-motion rounded-lg border border-line bg-surface shadow-popup data-limited:hidden',
          index > 0 && OVER_DIALOG_CLASSES.older,
        )}
      >
        <Toast.Content className="flex gap-3 py-3.5 ps-4 pe-2.5">
          <Icon aria-hidden="true" className={classNames('mt-0.5 size-4.5 shrink-0', colour)} />
          <div className="min-w-0 flex-1 break-words">
            <Toast.Title className="font-semibold" />
            <Toast.Description className="mt-0.5 text-muted text-sm" />
          </div>
          <Toast.Close
            aria-label="Dismiss"
            aria-hidden={false}
            className={buttonClass('quiet', 'sm', '-mt-1.5 w-9 px-0 sm:w-8')}
          >
            <X aria-hidden="true" />
          </Toast.Close>
        </Toast.Content>
      </Toast.Root>
    );
  });
}
