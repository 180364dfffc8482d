import nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { runUnderNewerNode } from './node-version.mjs';

// Everything else is imported only after this: it may use what older Nodes do not have.
if (!(await runUnderNewerNode(import.meta.url))) {
  // What is compiled at one start serves the next, and the services; it also skips the removal of types.
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/node', import.meta.url));
  nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  const { runStagedoor } = await import('./stagedoor.ts');
  await runStagedoor(process.argv[2]);
}
