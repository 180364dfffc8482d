import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { controlDeadlines } from '#lib/testing/deadline.ts';
import { LOGIN, type Stage, serverAt, startSmtpServer, type Trouble } from '#lib/testing/smtp-server.ts';
import { sendBySmtp } from './smtp.ts';

/** Longer than a slow machine needs. */
const DEADLINE_MS = 60_000;

/** Sends an email to a server that makes trouble at a stage. A server that hangs there lets the deadline pass. */
async function sendInto(at: Stage, does: Trouble) {
  const deadlines = does === 'hang' ? controlDeadlines() : null;
  await using server = await startSmtpServer({ trouble: { at, does } });
  const message = {
    id: randomUUID(),
    to: 'ops@integrator.example',
    subject: 'Your API key',
    text: 'See https://access.acme.example/reveal#token',
    html: '<p>https://access.acme.example/reveal#token</p>',
  };
  const account = { server: serverAt(server.port, { login: LOGIN }), from: 'access@acme.example' };
  const sending = sendBySmtp(account, message, DEADLINE_MS);
  if (deadlines) await server.reached.then(deadlines.expire);
  const sent = await sending;
  if (deadlines) expect(deadlines.durations()).toEqual([DEADLINE_MS]);
  if (!sent.ok) expect(sent.reason).not.toMatch(/@|stagedoor|the-password|token|refused me/);
  await expect.poll(server.openConnections).toBe(0);
  expect(server.emails).toEqual([]);
  return sent;
}

describe('a refusal', () => {
  const refuse = (at: Stage, reply: number, words = 'refused me@integrator.example') =>
    sendInto(at, { reply, words });

  test.each<[string, Stage, number, RegExp, string?]>([
    ['a server that is busy', 'connect', 421, /later \(421\)/],
    ['a server that wants nothing of us', 'connect', 554, /refused the connection \(554\)/],
    ['a log-in that fails for now', 'auth', 454, /later \(454\)/],
    ['a sender who is not welcome', 'mail', 550, /sender \(550\): check EMAIL_FROM/],
    ['a sender who is too quick', 'mail', 451, /later \(451\)/],
    ['grey-listing', 'rcpt', 450, /later \(450\)/],
    ['no relaying', 'rcpt', 554, /for us \(554\)/, '5.7.1 relay access denied'],
    ['a full disk', 'data', 452, /later \(452\)/],
  ])('by %s: to be tried again', async (_, at, reply, reason, words) => {
    const sent = await refuse(at, reply, words);
    expect(sent).toEqual({ ok: false, retry: true, reason: expect.stringMatching(reason) });
  });

  test.each<[string, Stage, number, RegExp]>([
    ['of an address that there is not', 'rcpt', 550, /refused the email address \(550\)/],
    ['of the email', 'data', 554, /refused the email \(554\)/],
  ])('%s: given up', async (_, at, reply, reason) => {
    const sent = await refuse(at, reply);
    expect(sent).toEqual({ ok: false, retry: false, reason: expect.stringMatching(reason) });
  });
});

describe('no answer', () => {
  const stages: Stage[] = ['connect', 'auth', 'mail', 'rcpt', 'data'];
  const troubles = (does: Trouble) => stages.map((at) => [at, does] as const);

  test.each(troubles('hang'))('at %s: ended at the deadline', async (at, does) => {
    const sent = await sendInto(at, does);
    const reason = 'The mail server did not answer within 60 seconds.';
    expect(sent).toEqual({ ok: false, retry: true, reason, ...(at === 'data' ? { unanswered: true } : {}) });
  });

  test.each(troubles('cut'))('at %s, but a cut connection: tried again', async (at, does) => {
    const sent = await sendInto(at, does);
    const reason = 'The mail server could not be reached, or its answer made no sense.';
    expect(sent).toEqual({ ok: false, retry: true, reason, ...(at === 'data' ? { unanswered: true } : {}) });
  });
});
