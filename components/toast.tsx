'use client';
import { Toast } from '@base-ui/react/toast';
import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import { type ReactNode, useCallback } from 'react';
import { buttonClass } from './button-class.ts';
import { classNames } from './class-names.ts';

export type ToastTone = 'success' | 'info' | 'danger';
export type ToastMessage = {
  title: string;
  description?: ReactNode;
  tone?: ToastTone;
  /** The id of the account or user that the message is about: the message replaces an earlier one about it. */
  about?: string;
};

/** The timer pauses while a toast is hovered or focused. */
const TIMEOUT_MS = 5_000;
/** There is room for one. An earlier one is hidden meanwhile. */
const MAX_TOASTS = 1;

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
    ({ title, description, tone = 'success', about }) => {
      // A toast with the id of an earlier one replaces it and starts its timer again.
      const id = about ? { id: about } : {};
      add({ ...id, title, description, type: tone, priority: tone === 'danger' ? 'high' : 'low' });
    },
    [add],
  );
}

/**
 * Keeps toasts from covering buttons. On wide and high screens, they are in the bottom left corner, in the free part of
 * the sidebar above the theme and the current user. On low screens, which have no free part, they are a bar at the bottom
 * beside the sidebar, and on narrow ones a bar at the bottom; the page gets room for a bar. Over a dialog, they are in the
 * corner itself on wide screens, and otherwise at the top, where `Dialog` leaves room for one: its buttons are at the
 * bottom.
 */
const POSITION_CLASS = classNames(
  'fixed inset-x-0 bottom-0 z-50 flex flex-col-reverse gap-2 outline-none',
  'max-lg:in-[body:has([role=dialog])]:top-0 max-lg:in-[body:has([role=dialog])]:bottom-auto',
  'lg:high:start-4 lg:high:bottom-58 lg:high:w-58 lg:low:start-66',
  'lg:in-[body:has([role=dialog])]:start-4! lg:in-[body:has([role=dialog])]:bottom-6! lg:in-[body:has([role=dialog])]:w-58!',
);

/** Shows toasts over its children: all settings pages. */
export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider timeout={TIMEOUT_MS} limit={MAX_TOASTS}>
      {children}
      <ToastRoom />
      <Toast.Portal>
        <Toast.Viewport aria-label="Notifications" className={POSITION_CLASS}>
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

/** Leaves room at the end of the page for a bar, so that what a toast covers can be scrolled above it. */
function ToastRoom() {
  const { toasts } = Toast.useToastManager();
  return toasts.length > 0 && <div aria-hidden="true" className="h-32 lg:high:hidden" />;
}

function ToastList() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => {
    const { icon: Icon, colour } = ICONS[(toast.type as ToastTone | undefined) ?? 'success'];
    return (
      <Toast.Root
        key={toast.id}
        toast={toast}
        // Base UI announces an urgent toast elsewhere and hides the toast with its button from screen readers.
        render={({ 'aria-modal': _modal, 'aria-hidden': _hidden, ...props }) => (
          <div data-toast="" {...props} {...GROUP_ROLE} />
        )}
        className="popup-motion border-line bg-surface shadow-popup data-limited:hidden max-lg:border-y lg:rounded-lg lg:border"
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
            className={buttonClass('quiet', 'sm', '-mt-1.5 w-9 self-start px-0 sm:w-8')}
          >
            <X aria-hidden="true" />
          </Toast.Close>
        </Toast.Content>
      </Toast.Root>
    );
  });
}
