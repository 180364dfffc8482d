'use client';
import type { ComponentProps, MouseEvent } from 'react';
import { type ButtonSize, type ButtonVariant, buttonClass } from './button-class.ts';
import { Spinner } from './spinner.tsx';
import { useHydrated } from './use-hydrated.ts';

export type ButtonProps = ComponentProps<'button'> & {
  variant?: ButtonVariant;
  size?: ButtonSize;
  /** The act is under way: further presses do nothing, and the keyboard's place is kept. */
  pending?: boolean;
  /** What the button says meanwhile. */
  pendingLabel?: string;
  /** Does nothing at present, but can take the keyboard, so that the reason (by `aria-describedby`) can be read. */
  unavailable?: boolean;
};

/** A button that does nothing until the page is alive, and nothing twice while `pending`. */
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
  const hydrated = useHydrated();

  function press(event: MouseEvent<HTMLButtonElement>) {
    // Also stops the submit that Enter in a field brings about: it arrives here as a click.
    if (pending || unavailable) event.preventDefault();
    else onClick?.(event);
  }

  return (
    <button
      {...rest}
      type={type}
      disabled={disabled || !hydrated}
      aria-disabled={pending || unavailable || undefined}
      data-off={disabled || pending || unavailable || undefined}
      onClick={press}
      className={buttonClass(variant, size, className)}
    >
      {pending && <Spinner />}
      {/* Each label has an element of its own: a browser that translates the page replaces bare text nodes. */}
      {pending && pendingLabel ? (
        <span key="pending" className="contents">
          {pendingLabel}
        </span>
      ) : (
        <span key="label" className="contents">
          {children}
        </span>
      )}
    </button>
  );
}
