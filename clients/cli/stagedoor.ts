#!/usr/bin/env node
import { run } from './program.ts';
import { createTerminal } from './terminal.ts';

// The reader has closed the pipe, as in `stagedoor audit export | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});
process.exitCode = await run(process.argv.slice(2), createTerminal());
