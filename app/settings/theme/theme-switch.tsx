'use client';
import { Monitor, Moon, Sun } from 'lucide-react';
import { useHydrated } from '#components/use-hydrated.ts';
import { THEMES, type Theme } from '../../theme/theme.ts';
import { useTheme } from './use-theme.ts';

const OPTIONS: Record<Theme, { label: string; icon: typeof Sun }> = {
  system: { label: 'System', icon: Monitor },
  light: { label: 'Light', icon: Sun },
  dark: { label: 'Dark', icon: Moon },
};

/** Chooses the theme of this browser. */
export function ThemeSwitch({ savedTheme }: { savedTheme: Theme }) {
  const { theme, changeTheme } = useTheme(savedTheme);
  const isHydrated = useHydrated();
  return (
    <fieldset className="min-w-0">
      <legend className="px-2.5 text-sidebar-muted text-xs">Theme</legend>
      <div className="mt-1.5 grid grid-cols-3 gap-0.5 rounded-md border border-sidebar-line p-0.5">
        {THEMES.map((value) => {
          const { label, icon: Icon } = OPTIONS[value];
          return (
            <label
              key={value}
              className="relative flex min-h-9 cursor-pointer items-center justify-center gap-1.5 rounded-sm text-sm has-checked:bg-sidebar-raised has-focus-visible:outline-2 has-focus-visible:outline-ring lg:min-h-7"
            >
              <input
                type="radio"
                name="theme"
                value={value}
                checked={theme === value}
                onChange={() => void changeTheme(value)}
                disabled={!isHydrated}
                className="absolute inset-0 size-full cursor-pointer appearance-none outline-none"
              />
              <Icon aria-hidden="true" className="size-3.5 shrink-0 text-sidebar-muted" />
              <span>{label}</span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}
