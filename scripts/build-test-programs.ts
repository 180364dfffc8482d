import path from 'node:path';
import { bundleTestProgram } from './bundle.ts';
import { build, programsFolder } from './checkout.ts';

const ROOT = path.join(import.meta.dirname, '..');

/** Builds the programs that tests start as processes (Vitest's global set-up). */
export default async function setUp(): Promise<void> {
  await build(ROOT, { targets: ['programs'] });
  await bundleTestProgram('test-worker', ROOT, programsFolder(ROOT));
}
