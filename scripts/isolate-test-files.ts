import { vi } from 'vitest';
import './faster-imports.mjs';

// Test files share a process and its loaded packages. Before each file, this resets the environment and our own modules,
// so that no file depends on the state that an earlier one left.
const shared = globalThis as { environmentAtStart?: NodeJS.ProcessEnv };
shared.environmentAtStart ??= { ...process.env };
for (const name of Object.keys(process.env)) {
  if (!(name in shared.environmentAtStart)) delete process.env[name];
}
Object.assign(process.env, shared.environmentAtStart);
vi.resetModules();
