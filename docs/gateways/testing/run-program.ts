import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePort } from '#db/processes.ts';

type Command = { path: string; args: string[]; env?: Record<string, string> };
export type RunningProgram = { stop(): Promise<void> };

function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/**
 * Starts a server, and waits until it accepts connections.
 * @throws an Error with the server's output if it ends before that
 */
export async function startProgram(
  { path: program, args, env }: Command,
  port: number,
): Promise<RunningProgram> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  let hasEnded = false;
  const ending = once(child, 'close').finally(() => {
    hasEnded = true;
  });
  // There is no event for an open port, so try to connect.
  while (!hasEnded && !(await acceptsConnections(port))) await Promise.race([ending, delay(20)]);
  if (hasEnded) throw new Error(`${program} ended: ${output}`);
  const stop = async () => {
    child.kill('SIGTERM');
    await ending;
  };
  return { stop };
}

/**
 * Starts an example that is a Node.js server, and waits until it accepts connections.
 * @param file relative to the repository
 */
export async function startNodeServer(file: string, verifierPort: number) {
  const port = await findFreePort();
  const env = { PORT: String(port), STAGEDOOR_VERIFIER: `http://127.0.0.1:${verifierPort}/verify` };
  const args = [path.join(import.meta.dirname, '../../..', file)];
  return { port, ...(await startProgram({ path: process.execPath, args, env }, port)) };
}

/** Starts a program with a temporary folder, and deletes the folder after the program has stopped. */
export async function startInTemporaryFolder(
  start: (folder: string) => Promise<RunningProgram>,
): Promise<RunningProgram> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-gateway-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const { stop } = await start(folder);
    return { stop: () => stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * Copies an example's configuration to a folder, and replaces its addresses with those of the test.
 * @param example relative to docs/gateways
 * @throws an Error if the example does not contain a text to replace
 */
export async function writeExample(
  example: string,
  folder: string,
  replacements: Record<string, string | number>,
): Promise<string> {
  let text = await readFile(path.join(import.meta.dirname, '..', example), 'utf8');
  for (const [search, replacement] of Object.entries(replacements)) {
    // Comments also contain the addresses: leave them unchanged, so that a missing address is reported.
    const replaced = text.replaceAll(/^(?!\s*(#|--)).*/gm, (line) =>
      line.replaceAll(search, String(replacement)),
    );
    if (replaced === text) throw new Error(`${example} does not contain ${search}`);
    text = replaced;
  }
  const file = path.join(folder, path.basename(example));
  await writeFile(file, text);
  return file;
}
