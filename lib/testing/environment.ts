import { afterEach, beforeEach, vi } from 'vitest';
import { resetSettings } from '#lib/platform/config/settings.ts';

/** Runs each test of a file with these environment variables and the settings parsed from them. */
export function setEnvironment(variables: Record<string, string>): void {
  beforeEach(() => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    resetSettings();
  });
  // Restore, because later test files share the process and its modules.
  afterEach(() => {
    vi.unstubAllEnvs();
    resetSettings();
  });
}
