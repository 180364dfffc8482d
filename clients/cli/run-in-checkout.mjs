#!/usr/bin/env node
import path from 'node:path';
import { runUnderNewerNode } from '../../scripts/node-version.mjs';

// `npx stagedoor` in a checkout: runs the command line from its source, with a new enough Node.js and its packages.
if (!(await runUnderNewerNode(import.meta.url))) {
  const { installPackages } = await import('../../scripts/checkout.ts');
  await installPackages(path.join(import.meta.dirname, '../..'), { includeDev: false });
  await import('./stagedoor.ts');
}
