import { CommanderError } from 'commander';
import { ApiError, ConnectionError } from '../typescript/client.ts';
import { makePrintable } from './format.ts';
import { InterruptedError } from './terminal.ts';

/** The exit codes, which the help and the README list. */
export const EXIT_CODES = {
  done: 0,
  failed: 1,
  usage: 2,
  notAllowed: 3,
  notFound: 4,
  conflict: 5,
  invalid: 6,
  unavailable: 7,
  notDelivered: 8,
  incomplete: 9,
  interrupted: 130,
} as const;

/** A mistake in how the command was called. */
export class UsageError extends Error {}

/** No account or endpoint, or more than one, is meant by what was typed. */
export class NotFoundError extends Error {}

/** A key delivery that has ended without a key or cannot end well without an administrator, or an event that did not arrive. */
export class DeliveryError extends Error {}

/** An import of which some rows failed. */
export class IncompleteError extends Error {}

/** What is wrong with a cell of a file. The header is row 1. */
export type CellError = { row: number; column?: string; detail: string };

/** The file may come from someone else. */
const formatCellError = ({ row, column, detail }: CellError) =>
  makePrintable(column ? `row ${row}, ${column}: ${detail}` : `row ${row}: ${detail}`);
const MAX_SHOWN_ERRORS = 20;

/** A file with invalid content. */
export class InvalidFileError extends Error {
  readonly errors: CellError[];

  constructor(file: string, errors: CellError[]) {
    const more = errors.length - MAX_SHOWN_ERRORS;
    const shown = errors.slice(0, MAX_SHOWN_ERRORS).map(formatCellError);
    super(
      [`${file} has errors. Nothing was changed.`, ...shown, more > 0 ? `… and ${more} more` : '']
        .join('\n')
        .trim(),
    );
    this.errors = errors;
  }
}

const STATUS_CODES: Record<number, number> = {
  400: EXIT_CODES.invalid,
  401: EXIT_CODES.notAllowed,
  403: EXIT_CODES.notAllowed,
  404: EXIT_CODES.notFound,
  409: EXIT_CODES.conflict,
  412: EXIT_CODES.conflict,
  422: EXIT_CODES.invalid,
  429: EXIT_CODES.unavailable,
};

/** Returns the exit code for an error. */
export function getExitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
  if (error instanceof UsageError) return EXIT_CODES.usage;
  if (error instanceof NotFoundError) return EXIT_CODES.notFound;
  if (error instanceof InvalidFileError) return EXIT_CODES.invalid;
  if (error instanceof DeliveryError) return EXIT_CODES.notDelivered;
  if (error instanceof IncompleteError) return EXIT_CODES.incomplete;
  if (error instanceof InterruptedError) return EXIT_CODES.interrupted;
  if (error instanceof ConnectionError) return EXIT_CODES.unavailable;
  if (!(error instanceof ApiError)) return EXIT_CODES.failed;
  return STATUS_CODES[error.status] ?? (error.status >= 500 ? EXIT_CODES.unavailable : EXIT_CODES.failed);
}

/** What to do about an error, if its message does not say it. */
function getAdvice({ status, code }: ApiError): string {
  if (status === 401) return 'Create an access token at Settings › Access tokens, and run stagedoor login.';
  if (code === 'insufficient_scope')
    return 'Use an access token with this scope: accounts:read, accounts:write, audit:read or webhooks:write.';
  if (status === 412) return 'Someone has changed it at the same time. Look at it, and try again.';
  return '';
}

/** Describes an error to a person, in one or more lines. */
export function describeError(error: unknown): string {
  if (!(error instanceof ApiError)) return (error as Error).message;
  const reference = error.requestId ? `Request: ${error.requestId}` : '';
  return [error.message, getAdvice(error), reference].filter(Boolean).join('\n');
}

function listDetails(error: unknown): object {
  if (error instanceof ApiError) return { ...error.problem, requestId: error.requestId };
  const { message: title } = error as Error;
  if (error instanceof InvalidFileError) return { code: 'invalid_file', title, errors: error.errors };
  return { code: 'command_failed', title };
}

/** Describes an error to a program. */
export function describeErrorAsJson(error: unknown): string {
  const exitCode = getExitCode(error);
  return JSON.stringify({ error: { ...listDetails(error), exitCode } });
}
