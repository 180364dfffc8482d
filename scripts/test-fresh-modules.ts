import { vi } from 'vitest';

// Test files share a process, and so the packages that it has loaded. Our own modules are loaded again for each file,
// with the environment of the start, so that no file depends on what another one has left behind.
const shared = globalThis as { environmentAtStart?: NodeJS.ProcessEnv };
shared.environmentAtStart ??= { ...process.env };
for (const name of Object.keys(process.env)) {
  if (!(name in shared.environmentAtStart)) delete process.env[name];
}
Object.assign(process.env, shared.environmentAtStart);
vi.resetModules();
