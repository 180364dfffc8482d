import nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { runUnderNewerNode } from './node-version.mjs';

// Import everything else after this check, because it may need a newer Node.js.
if (!(await runUnderNewerNode(import.meta.url))) {
  // Caches compiled code for the next start and for the services, which also saves stripping the types again.
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/node', import.meta.url));
  nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  const { runStagedoor } = await import('./stagedoor.ts');
  await runStagedoor(process.argv[2]);
}
