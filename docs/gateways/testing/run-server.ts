import path from 'node:path';
import { freePort } from '#db/processes.ts';
import { runProgram } from './run-program.ts';

/** Runs an example that is a server of Node's by itself. @param file relative to docs/gateways */
export async function runServer(file: string, verifierPort: number) {
  const port = await freePort();
  const env = { PORT: String(port), STAGEDOOR_VERIFIER: `http://127.0.0.1:${verifierPort}/verify` };
  const args = [path.join(import.meta.dirname, '..', file)];
  return { port, ...(await runProgram({ path: process.execPath, args, env }, port)) };
}
