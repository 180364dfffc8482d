import { describe, expect, it } from 'vitest';
import { parseTheme, toThemeAttribute } from './theme.ts';

describe('parseTheme', () => {
  it.each([
    ['light', 'light'],
    ['dark', 'dark'],
    ['system', 'system'],
    ['sepia"><script>', 'system'],
    [undefined, 'system'],
  ])('reads %s as %s', (value, expected) => {
    expect(parseTheme(value)).toBe(expected);
  });
});

describe('toThemeAttribute', () => {
  it('leaves the theme of the system to the style sheet', () => {
    expect(toThemeAttribute('system')).toBeUndefined();
    expect(toThemeAttribute('dark')).toBe('dark');
  });
});
