import { afterEach, beforeEach, vi } from 'vitest';
import { resetSettings } from '#lib/platform/config/settings.ts';

/** Runs each test of a file with these environment variables, and with the settings that they make. */
export function setEnvironment(variables: Record<string, string>): void {
  beforeEach(() => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    resetSettings();
  });
  // The files after this one share the process and its modules.
  afterEach(() => {
    vi.unstubAllEnvs();
    resetSettings();
  });
}
