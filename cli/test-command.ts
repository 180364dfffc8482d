import { execFile } from 'node:child_process';
import path from 'node:path';
import { vi } from 'vitest';
import { type Command, executeCommand } from './command.ts';

/** A command's exit code, and what it wrote to standard output and standard error. */
export type CommandResult = { code: number; output: string };

type Environment = { DATABASE_URL: string; STAGEDOOR_DATA: string };

/** Runs a command in this process, which takes a tenth of the time of a child process. */
export async function runInProcess(
  command: Command,
  environment: Environment,
  ...args: string[]
): Promise<CommandResult> {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const { output, error, exitCode } = await executeCommand(command, args);
  return { code: exitCode, output: output + error };
}

/** Runs a program of `cli/` in a child process, as `npm run` does. */
export function spawnProgram(
  program: string,
  environment: Environment,
  ...args: string[]
): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['scripts/run.mjs', program, ...args],
      { cwd: path.join(import.meta.dirname, '..'), env: { ...process.env, ...environment } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}
