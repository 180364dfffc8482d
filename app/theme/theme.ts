import { z } from 'zod';

/** The themes that users can choose. `system` follows the operating system. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const themeSchema = z.enum(THEMES);
export const saveThemeSchema = z.object({ theme: themeSchema });

/** Parses the cookie's value. A missing or unknown one is `system`. */
export const parseTheme = (value: string | undefined): Theme => themeSchema.catch('system').parse(value);

/** Returns the value of `data-theme` on the root element, which `globals.css` reads; undefined for `system`. */
export const toThemeAttribute = (theme: Theme) => (theme === 'system' ? undefined : theme);
