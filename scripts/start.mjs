import { runUnderNewerNode } from './node-version.mjs';

// Everything else is imported only after this: it may use what older Nodes do not have.
if (!(await runUnderNewerNode(import.meta.url))) {
  const { runStagedoor } = await import('./stagedoor.mjs');
  await runStagedoor(process.argv[2]);
}
