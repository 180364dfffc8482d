import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem, type } from 'node:os';

const FILE = new URL('results.json', import.meta.url);

export type Results = { verifier?: Record<string, unknown>; [part: string]: unknown };

/** The machine, for whoever reads the figures. */
export function machine(): string {
  const [cpu] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores (${cpu?.model.trim() || 'unknown'}), ${gigabytes} GB, ${type()}`;
}

async function read(): Promise<Results> {
  const text = await readFile(FILE, 'utf8').catch(() => '{}');
  return JSON.parse(text);
}

/** Puts new figures into bench/results.json; what another kind of run left there stays. */
export async function writeResults({ verifier, ...parts }: Results): Promise<void> {
  const present = await read();
  const results = { ...present, ...parts, verifier: { ...present.verifier, ...verifier } };
  await writeFile(FILE, `${JSON.stringify(results, null, 2)}\n`);
}
