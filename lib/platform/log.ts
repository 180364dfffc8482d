type Fields = Record<string, unknown>;

/**
 * What of an error may stand in a log: its name, code and message, and those of its causes. A database
 * driver's `detail`, `query` and `parameters` may hold what a person typed, so they are left out; so is the
 * message of Drizzle's own error, which repeats the parameters.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = 'code' in error ? error.code : undefined;
  const repeatsParameters = error.name === 'DrizzleQueryError' || error.message.startsWith('Failed query');
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: repeatsParameters ? 'a query failed' : error.message,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

function write(level: 'info' | 'warn' | 'error', event: string, fields: Fields): void {
  const line = JSON.stringify({ at: new Date().toISOString(), level, event, ...fields });
  process.stderr.write(`${line}\n`);
}

/** The log: one line of JSON on standard error for each event. Never hand it a secret. */
export const log = {
  info: (event: string, fields: Fields = {}) => write('info', event, fields),
  warn: (event: string, fields: Fields = {}) => write('warn', event, fields),
  error: (event: string, error: unknown, fields: Fields = {}) =>
    write('error', event, { ...fields, error: describeError(error) }),
};
