import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type ApiStub,
  createStubAccount,
  type StubAccount,
  startApiStub,
  TOKENS,
} from '../testing/api-stub.ts';
import { run } from './program.ts';
import { InterruptedError } from './terminal.ts';
import { createTestTerminal, type TestTerminalOptions } from './testing/test-terminal.ts';

let api: ApiStub;
let account: StubAccount;
beforeEach(async () => {
  api = await startApiStub();
  account = createStubAccount({ username: 'Band' });
  api.accounts.push(account);
});
afterEach(() => api.close());

const EVENTS = {
  started: { type: 'started', text: 'Script created the account' },
  sending: { type: 'email', text: 'Sending email' },
  sent: { type: 'email', text: 'Email sent by Resend', detail: 'Delivery not confirmed.' },
  delayed: { type: 'sms', text: 'Text delayed', detail: 'Tried once.', isProblem: true },
  collected: { type: 'collected', text: 'Key shown' },
  firstUse: { type: 'first_used', text: 'First request' },
};
const AT = '2026-11-30T10:00:00.000Z';

/** Sets the newest key delivery of the account, as the API returns it. */
function setDelivery(names: (keyof typeof EVENTS)[], fields: object = {}): void {
  const events = names.map((name) => ({ at: AT, detail: null, isProblem: false, ...EVENTS[name] }));
  const delivery = { id: 'delivery-1', state: 'in_progress', summary: 'In progress.', isProblem: false };
  api.deliveries.set(account.id, [{ ...delivery, events, ...fields }]);
}

/** Runs a command. Each step happens while the command waits. Ctrl-C is pressed after the last one. */
async function stagedoor(
  args: string[],
  steps: (() => void)[] = [],
  options: Partial<TestTerminalOptions> = {},
) {
  const interrupt = new AbortController();
  const waits: number[] = [];
  const env = { STAGEDOOR_URL: api.url, STAGEDOOR_TOKEN: TOKENS.full };
  const onWait = (milliseconds: number) => {
    waits.push(milliseconds);
    const step = steps.shift();
    if (step) step();
    else interrupt.abort(new InterruptedError());
  };
  const { terminal, written } = createTestTerminal({ env, onWait, interrupt, ...options });
  const code = await run(args, terminal);
  return { code, ...written, waits };
}

const listTexts = (output: string) =>
  output.split('\n').map((line) => line.replace(/^30 Nov 2026, \S+ \S+ {2}/, ''));

describe('stagedoor accounts follow', () => {
  it('shows each step once, until the key is first used', async () => {
    setDelivery(['started', 'sending']);
    const { code, output, error } = await stagedoor(
      ['accounts', 'follow', 'band'],
      [
        () => setDelivery(['started', 'sending', 'sent']),
        () => setDelivery(['started', 'sending', 'sent', 'delayed']),
        () => setDelivery(['started', 'sending', 'sent', 'delayed', 'collected'], { state: 'collected' }),
        () => setDelivery(['started', 'sending', 'sent', 'delayed', 'collected', 'firstUse']),
      ],
    );
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(listTexts(output)).toEqual([
      'Script created the account',
      'Sending email',
      'Email sent by Resend. Delivery not confirmed.',
      '! Text delayed. Tried once.',
      'Key shown',
      'First request',
      'Band uses its key.',
      '',
    ]);
  });

  it('prints a line of JSON for each step', async () => {
    setDelivery(['collected', 'firstUse']);
    const { output } = await stagedoor(['accounts', 'follow', account.id, '--json']);
    const [first, , last] = output.trimEnd().split('\n');
    expect(JSON.parse(first ?? '')).toEqual({
      type: 'event',
      deliveryId: 'delivery-1',
      event: { at: AT, detail: null, isProblem: false, ...EVENTS.collected },
    });
    expect(JSON.parse(last ?? '')).toEqual({ type: 'end', result: 'first_used' });
  });

  it.each([
    ['locked', 'The link is locked after too many wrong codes. Reset the key'],
    ['delivery_failed', 'Email bounced'],
    ['expired', 'The account has expired.'],
    ['inactive', 'The account is inactive.'],
  ])('exits with 8 if the status is %s', async (status, expected) => {
    setDelivery(['started']);
    const { code, output, error } = await stagedoor(
      ['accounts', 'follow', 'Band'],
      [
        () => {
          Object.assign(account, { status });
          setDelivery(['started', 'sent'], { summary: 'Email bounced. Check the address.' });
        },
      ],
    );
    expect({ code, error }).toEqual({ code: 8, error: expect.stringContaining(expected) });
    expect(listTexts(output)).toContain('Email sent by Resend. Delivery not confirmed.');
  });

  it('ends cleanly on Ctrl-C, and says that the delivery continues', async () => {
    setDelivery(['started']);
    const { code, error } = await stagedoor(['accounts', 'follow', 'Band'], [], { answers: ['unused'] });
    expect({ code, error }).toEqual({
      code: 130,
      error:
        'Following the key delivery of Band. Ctrl-C stops only this command.\nNo longer following. The key delivery continues.\n',
    });
  });

  it('polls every two seconds at first, later every thirty', async () => {
    setDelivery(['started']);
    const { waits } = await stagedoor(
      ['accounts', 'follow', 'Band'],
      [
        ...Array.from({ length: 150 }, () => () => {}),
        () => setDelivery(['started', 'sent']),
        ...Array.from({ length: 2 }, () => () => {}),
      ],
    );
    expect(waits.slice(0, 3)).toEqual([2_000, 2_000, 2_000]);
    expect(waits[149]).toBe(30_000);
    expect(waits[151]).toBe(2_000);
  });

  it('survives a short outage, but not a long one', async () => {
    setDelivery(['started']);
    let isDown = false;
    api.onRequest = () => {
      if (isDown) api.failNextWith(500, 'unavailable');
    };
    const { code, error } = await stagedoor(
      ['accounts', 'follow', 'Band'],
      [
        () => {
          isDown = true;
        },
        () => {
          isDown = false;
          setDelivery(['firstUse']);
        },
      ],
    );
    expect({ code, error }).toEqual({ code: 0, error: 'Stagedoor cannot be reached. Trying again.\n' });
    setDelivery(['started']);
    const down = await stagedoor(
      ['accounts', 'follow', 'Band'],
      Array.from({ length: 20 }, () => () => {
        isDown = true;
      }),
    );
    expect([down.code, down.waits.length]).toEqual([7, 11]);
  });

  it('exits with 4 if there is no account or no delivery, or if the account is deleted', async () => {
    expect((await stagedoor(['accounts', 'follow', 'x'])).code).toBe(4);
    expect((await stagedoor(['accounts', 'follow', 'Band'])).code).toBe(4);
    setDelivery(['started']);
    const { code } = await stagedoor(['accounts', 'follow', 'Band'], [() => void api.accounts.pop()]);
    expect(code).toBe(4);
  });
});

describe('stagedoor accounts create --follow', () => {
  const NEW = [
    ...['accounts', 'create', '--username', 'New', '--email', 'new@example.com'],
    ...['--phone', '+447400123456', '--follow'],
  ];
  beforeEach(() => {
    api.onRequest = () => {
      const created = api.accounts.find(({ username }) => username === 'New');
      if (!created || account === created) return;
      account = created;
      setDelivery(['started', 'firstUse']);
    };
  });

  it('shows the account, and then the steps', async () => {
    const { code, output } = await stagedoor(NEW);
    expect(code).toBe(0);
    expect(output).toMatch(
      /^Created New\..*\n\nUsername .*[\s\S]*\n\n30 Nov 2026.*Script created the account\n/,
    );
    expect(output).toMatch(/New uses its key\.\n$/);
  });

  it('prints both as lines of JSON', async () => {
    const { output } = await stagedoor([...NEW, '--json']);
    const lines = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ type }) => type)).toEqual(['account', 'event', 'event', 'end']);
    expect(lines[0].account).toEqual(account);
  });
});

describe('the terminal of a process', () => {
  it('aborts what runs on the first Ctrl-C only', async () => {
    const { createTerminal } = await import('./terminal.ts');
    const listeners = process.listenerCount('SIGINT');
    const running = createTerminal().runUntilInterrupted(async (signal) => {
      expect(process.listenerCount('SIGINT')).toBe(listeners + 1);
      setImmediate(() => process.emit('SIGINT'));
      await createTerminal().wait(60_000, signal);
    });
    await expect(running).rejects.toThrow(InterruptedError);
    expect(process.listenerCount('SIGINT')).toBe(listeners);
    await createTerminal().wait(1, new AbortController().signal);
    vi.restoreAllMocks();
  });
});
