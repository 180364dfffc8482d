import { classNames } from './class-names.ts';

export type ButtonVariant = 'primary' | 'secondary' | 'danger' | 'quiet';
export type ButtonSize = 'md' | 'sm';

/** Whole names, because Tailwind CSS looks for them in the source. */
const VARIANTS: Record<ButtonVariant, string> = {
  primary: 'button-primary',
  secondary: 'button-secondary',
  danger: 'button-danger',
  quiet: 'button-quiet',
};

const SIZES: Record<ButtonSize, string> = {
  md: 'button-md',
  sm: 'button-sm',
};

/** Returns the classes of a button, also for links that look like one. */
export function buttonClass(variant: ButtonVariant, size: ButtonSize = 'md', className?: string): string {
  return classNames(VARIANTS[variant], SIZES[size], className);
}
