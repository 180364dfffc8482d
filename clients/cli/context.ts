import { type ClientOptions, StagedoorClient } from '../typescript/client.ts';
import { readCredentials } from './credentials.ts';
import { UsageError } from './exit-codes.ts';
import { InterruptedError, type Terminal } from './terminal.ts';

/** What every command gets. */
export type Context = { terminal: Terminal };

/** Creates a client with the credentials of the environment or of `login`. */
export async function connect(
  { terminal }: Context,
  options: Pick<ClientOptions, 'maxRetries'> = {},
): Promise<StagedoorClient> {
  const credentials = await readCredentials(terminal.env);
  return new StagedoorClient({ ...credentials, ...options, userAgent: 'stagedoor-cli' });
}

/** Prints a result: for programs as JSON, for people as text. */
export function print(
  { terminal }: Context,
  options: { json?: boolean },
  json: unknown,
  text: string,
): Promise<void> {
  return terminal.writeOutput(options.json ? `${JSON.stringify(json, null, 2)}\n` : text);
}

/**
 * Asks before a change that cannot be undone, unless `--yes` is given.
 * @param isYes whether an answer means yes
 * @throws a UsageError if no person can answer, and an InterruptedError if the answer is another one
 */
export async function confirm(
  { terminal }: Context,
  options: { yes?: boolean },
  question: string,
  isYes: (answer: string) => boolean,
): Promise<void> {
  if (options.yes) return;
  if (!terminal.isInteractive) throw new UsageError('This cannot be undone. Add --yes if you are sure.');
  const answer = await terminal.ask(question);
  if (!isYes(answer.trim().toLowerCase())) throw new InterruptedError('Nothing was changed.');
}
