import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

type Command = { path: string; args: string[]; env?: Record<string, string> };
export type Running = { stop(): Promise<void> };

function accepts(port: number): Promise<boolean> {
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
 * Starts a server in the foreground, and waits until it takes connections.
 * @throws what it said, where it ends instead
 */
export async function runProgram({ path: program, args, env }: Command, port: number): Promise<Running> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  let hasEnded = false;
  const ended = once(child, 'close').finally(() => {
    hasEnded = true;
  });
  // A port tells nobody that it is open; it has to be tried.
  while (!hasEnded && !(await accepts(port))) await Promise.race([ended, delay(20)]);
  if (hasEnded) throw new Error(`${program} ended: ${said}`);
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { stop };
}

/** A folder that is gone when the program has ended. */
export async function inFolder(start: (folder: string) => Promise<Running>): Promise<Running> {
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
 * Writes an example of the docs into a folder, with a test's own addresses in the place of its own.
 * @param example relative to docs/gateways
 * @throws where the example does not have one of the texts that are replaced
 */
export async function writeExample(
  example: string,
  folder: string,
  replacements: Record<string, string | number>,
): Promise<string> {
  let text = await readFile(path.join(import.meta.dirname, '..', example), 'utf8');
  for (const [there, here] of Object.entries(replacements)) {
    // The first lines say in words what is to be changed.
    const config = text.replaceAll(/^(?!\s*(#|--)).*/gm, (line) => line.replaceAll(there, String(here)));
    if (config === text) throw new Error(`${example} does not say ${there}`);
    text = config;
  }
  const file = path.join(folder, path.basename(example));
  await writeFile(file, text);
  return file;
}
