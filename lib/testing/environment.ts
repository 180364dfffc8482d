import { afterEach, beforeEach, vi } from 'vitest';
import { resetSettings } from '#lib/platform/config/settings.ts';

/** Sets environment variables for each test of a file, and makes the settings parse them. */
export function setEnvironment(variables: Record<string, string>): void {
  beforeEach(() => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    resetSettings();
  });
  // Restore the environment, because later test files share the process and its modules.
  afterEach(() => {
    vi.unstubAllEnvs();
    resetSettings();
  });
}
