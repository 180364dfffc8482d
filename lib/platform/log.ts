type Fields = Record<string, unknown>;

/** Returns an error's message, as it may be logged. Omits that of Drizzle's own error, which contains what a user typed. */
export function getMessageForLog({ name, message }: Error): string {
  return name === 'DrizzleQueryError' || message.startsWith('Failed query') ? 'a query failed' : message;
}

/**
 * Returns what may be logged of an error: its name, code and message, and those of its causes.
 * Omits a database error's `detail`, `query` and `parameters`, and the message of Drizzle's own error: they may contain
 * what a user typed.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: getMessageForLog(error),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

function writeLine(level: 'info' | 'warn' | 'error', event: string, fields: Fields): void {
  const line = JSON.stringify({ at: new Date().toISOString(), level, event, ...fields });
  process.stderr.write(`${line}\n`);
}

/** Writes one line of JSON per event to standard error. Never pass secrets. */
export const log = {
  info: (event: string, fields: Fields = {}) => writeLine('info', event, fields),
  warn: (event: string, fields: Fields = {}) => writeLine('warn', event, fields),
  error: (event: string, error: unknown, fields: Fields = {}) =>
    writeLine('error', event, { ...fields, error: describeError(error) }),
};
