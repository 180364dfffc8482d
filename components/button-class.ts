import { classNames } from './class-names.ts';

export type ButtonVariant = 'primary' | 'secondary' | 'danger' | 'quiet';
export type ButtonSize = 'md' | 'sm';

const BASE = 'button-base';

const VARIANTS: Record<ButtonVariant, string> = {
  primary: 'bg-primary text-on-primary shadow-button hover:bg-primary-hover',
  secondary: 'border border-edge/55 bg-surface text-ink shadow-button hover:bg-sunken',
  danger: 'bg-danger text-on-danger shadow-button hover:bg-danger-hover',
  quiet: 'text-muted hover:bg-sunken hover:text-ink',
};

const SIZES: Record<ButtonSize, string> = {
  md: 'min-h-10 px-4 text-base sm:min-h-9',
  sm: 'min-h-9 px-3 text-sm sm:min-h-8',
};

/** Returns the classes of a button, also for links that look like one. */
export function buttonClass(variant: ButtonVariant, size: ButtonSize = 'md', className?: string): string {
  return classNames(BASE, VARIANTS[variant], SIZES[size], className);
}
