import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem, type } from 'node:os';

const FILE = new URL('results.json', import.meta.url);

export type Results = { verifier?: Record<string, unknown>; [section: string]: unknown };

/** Describes this machine, for readers of the results. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores (${cpu?.model.trim() || 'unknown'}), ${gigabytes} GB, ${type()}`;
}

async function readResults(): Promise<Results> {
  const text = await readFile(FILE, 'utf8').catch(() => '{}');
  return JSON.parse(text);
}

/** Merges new results into bench/results.json, so that the results of other kinds of runs stay. */
export async function writeResults({ verifier, ...sections }: Results): Promise<void> {
  const existing = await readResults();
  const results = { ...existing, ...sections, verifier: { ...existing.verifier, ...verifier } };
  await writeFile(FILE, `${JSON.stringify(results, null, 2)}\n`);
}
