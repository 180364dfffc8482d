/** The themes that users can choose. `system` follows the operating system. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Parses the cookie's value. A missing or unknown one is `system`. */
export const parseTheme = (value: string | undefined): Theme =>
  THEMES.find((theme) => theme === value) ?? 'system';

/** Returns the value of `data-theme` on the root element, which `globals.css` reads; undefined for `system`. */
export const toThemeAttribute = (theme: Theme) => (theme === 'system' ? undefined : theme);
