'use client';
import { useState } from 'react';
import { useToast } from '#components/toast.tsx';
import { type Theme, toThemeAttribute } from '../../theme/theme.ts';
import { toFailure } from '../use-server-action.ts';
import { saveTheme } from './actions.ts';

/** Shows a theme immediately, without waiting for the server. */
function applyTheme(theme: Theme) {
  const attribute = toThemeAttribute(theme);
  if (attribute) document.documentElement.dataset.theme = attribute;
  else delete document.documentElement.dataset.theme;
}

/**
 * Returns the current theme, and a function that changes it. If it cannot be saved, the page keeps it and says so.
 * @param savedTheme the theme in the cookie
 */
export function useTheme(savedTheme: Theme) {
  const [theme, setTheme] = useState(savedTheme);
  const toast = useToast();
  const showFailure = (description: string) =>
    toast({ tone: 'danger', title: 'Theme not saved', description });

  async function changeTheme(newTheme: Theme) {
    setTheme(newTheme);
    applyTheme(newTheme);
    try {
      const result = await saveTheme({ theme: newTheme });
      if (!result.ok) showFailure('message' in result ? result.message : 'Reload the page and try again.');
    } catch (error) {
      showFailure(toFailure(error, null).message);
    }
  }
  return { theme, changeTheme };
}
