import path from 'node:path';
import { bundleTestProgram } from './bundle.ts';
import { build, programsFolder } from './checkout.ts';

const ROOT = path.join(import.meta.dirname, '..');

/** Vitest's global set-up: builds the programs that tests start as processes of their own. */
export default async function setUp(): Promise<void> {
  await build(ROOT, { parts: ['programs'] });
  await bundleTestProgram('test-worker', ROOT, programsFolder(ROOT));
}
