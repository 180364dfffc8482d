import { describe, expect, it, vi } from 'vitest';
import { measureCpuTime } from '#lib/testing/cpu-time.ts';
import { logConsole, logWebError } from './log-web-error.ts';

/** Returns the log lines, and forgets them: `lib/testing/vitest-setup.ts` would report them as unexpected. */
function takeLines() {
  const { mock } = vi.mocked(process.stderr.write);
  const lines = mock.calls.map(([line]) => JSON.parse(String(line)));
  vi.mocked(process.stderr.write).mockClear();
  return lines;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

describe('logWebError', () => {
  it.each([
    ['a message that quotes the input', parse('{"a": hunter2')],
    ['a cause that quotes the input', new Error('No arguments.', { cause: parse('hunter2') })],
    ['a quoted value', new Error('Failed to find Server Action "hunter2". Read more.')],
    ['a quoted value with quotation marks', new Error(`Bad value 'a"hunter2' in "x"`)],
    ['text that is not an error', 'hunter2'],
  ])('logs nothing of a request: %s', (_, error) => {
    logWebError('test.redacted', error);
    const lines = takeLines();
    expect(lines).toMatchObject([{ event: 'test.redacted', level: 'error', count: 1 }]);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('keeps what helps to find the cause', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });
    logWebError('test.kept', new TypeError('The query failed', { cause }));
    const [line] = takeLines();
    expect(line.error).toMatchObject({
      name: 'TypeError',
      message: 'The query failed',
      cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:5432' },
    });
    expect(line.frames[0]).toContain('log-web-error.test.ts');
  });

  it.each<[string, (index: number) => Error]>([
    ['a quotation', (index) => new Error(`No action "${index}"`)],
    ['malformed input', (index) => new SyntaxError(`Unexpected token ${index}`)],
    [
      'the parameters of a query',
      (index) =>
        Object.assign(new Error(`Failed query: select 1\nparams: ${index}`), { name: 'DrizzleQueryError' }),
    ],
  ])('logs one line a minute for 1,500 errors that differ only in %s', (kind, createError) => {
    for (let index = 0; index < 1_500; index += 1)
      logWebError(`test.limited ${kind}`, Object.assign(createError(index), { stack: 'at x' }));
    expect(takeLines()).toHaveLength(1);
  });

  it.each([
    ['text', 'x'.repeat(100_000)],
    ['quotation marks that do not close', '“'.repeat(100_000)],
  ])('shortens a long message of %s, in little time', (kind, message) => {
    expect(measureCpuTime(() => logWebError(`test.long ${kind}`, new Error(message)))).toBeLessThan(1_000);
    expect(JSON.stringify(takeLines()).length).toBeLessThan(3_000);
  });
});

describe('logConsole', () => {
  it('logs an unknown server action as a warning without its id', () => {
    logConsole('warn', [new Error('Failed to find Server Action "00ff". It might be from another version.')]);
    expect(takeLines()).toMatchObject([
      {
        event: 'web.warning',
        level: 'warn',
        message: 'Failed to find Server Action …. It might be from another version.',
      },
    ]);
  });

  it('logs text without what it quotes', () => {
    logConsole('error', ['`host` header with value `hunter2` does not match', 42]);
    expect(takeLines()).toMatchObject([{ event: 'web.error', error: { message: '… does not match' } }]);
  });
});
