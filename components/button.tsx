'use client';
import type { ComponentProps, MouseEvent } from 'react';
import { type ButtonSize, type ButtonVariant, buttonClass } from './button-class.ts';
import { Spinner } from './spinner.tsx';
import { useHydrated } from './use-hydrated.ts';

export type ButtonProps = ComponentProps<'button'> & {
  variant?: ButtonVariant;
  size?: ButtonSize;
  /** Ignores presses while an action runs, and keeps the keyboard focus. */
  pending?: boolean;
  /** Label while the action is pending. */
  pendingLabel?: string;
  /** Ignores presses but stays focusable, so that screen readers can read the reason (`aria-describedby`). */
  unavailable?: boolean;
};

/** Renders a button that is disabled until hydration and ignores presses while `pending`. */
export function Button({
  variant = 'secondary',
  size = 'md',
  pending = false,
  pendingLabel,
  unavailable = false,
  type = 'button',
  disabled = false,
  className,
  onClick,
  children,
  ...rest
}: ButtonProps) {
  const isHydrated = useHydrated();

  function handleClick(event: MouseEvent<HTMLButtonElement>) {
    // Enter in a field also arrives here, as a click on the submit button.
    if (pending || unavailable) event.preventDefault();
    else onClick?.(event);
  }

  return (
    <button
      {...rest}
      type={type}
      disabled={disabled || !isHydrated}
      aria-disabled={pending || unavailable || undefined}
      data-off={disabled || pending || unavailable || undefined}
      onClick={handleClick}
      className={buttonClass(variant, size, className)}
    >
      {pending && <Spinner />}
      {/* In elements, because a browser that translates the page replaces bare text nodes. */}
      {pending && pendingLabel ? (
        <span key="pending" className="contents">
          {pendingLabel}
        </span>
      ) : (
        <span key="label" className={typeof children === 'string' ? undefined : 'contents'}>
          {children}
        </span>
      )}
    </button>
  );
}
