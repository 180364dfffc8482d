import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { controlDeadlines } from '#lib/testing/deadline.ts';
import {
  buildSmtpSettings,
  LOGIN,
  type SimulatedFailure,
  type Stage,
  startSmtpServer,
} from '#lib/testing/smtp-server.ts';
import { sendBySmtp } from './smtp.ts';

/** Long enough for a slow machine. The tests trigger the timeout themselves. */
const TIMEOUT_MS = 60_000;

/** Sends an email to a server that fails at a stage. If the server hangs, triggers the timeout immediately. */
async function sendWithFailure(stage: Stage, failure: SimulatedFailure) {
  const deadlines = failure === 'hang' ? controlDeadlines() : null;
  await using server = await startSmtpServer({ failure: { at: stage, does: failure } });
  const message = {
    id: randomUUID(),
    to: 'ops@integrator.example',
    subject: 'Your API key',
    text: 'See https://access.acme.example/reveal#token',
    html: '<p>https://access.acme.example/reveal#token</p>',
  };
  const account = { server: buildSmtpSettings(server.port, { login: LOGIN }), from: 'access@acme.example' };
  const sending = sendBySmtp(account, message, TIMEOUT_MS);
  if (deadlines) await server.reached.then(deadlines.expire);
  const result = await sending;
  if (deadlines) expect(deadlines.getDurations()).toEqual([TIMEOUT_MS]);
  if (!result.ok) expect(result.reason).not.toMatch(/@|stagedoor|the-password|token|refused me/);
  await expect.poll(server.countConnections).toBe(0);
  expect(server.emails).toEqual([]);
  return result;
}

describe('an SMTP error reply', () => {
  const sendWithReply = (stage: Stage, reply: number, text = 'refused me@integrator.example') =>
    sendWithFailure(stage, { reply, text });

  it.each<[string, Stage, number, RegExp, string?]>([
    ['a busy server', 'connect', 421, /later \(421\)/],
    ['a server that rejects the connection', 'connect', 554, /refused the connection \(554\)/],
    ['a temporary login failure', 'auth', 454, /later \(454\)/],
    ['a rejected sender', 'mail', 550, /sender \(550\)\. Check EMAIL_FROM/],
    ['a rate-limited sender', 'mail', 451, /later \(451\)/],
    ['greylisting', 'rcpt', 450, /later \(450\)/],
    ['relay access denied', 'rcpt', 554, /won’t relay to this address \(554\)/, '5.7.1 relay access denied'],
    ['a full disk', 'data', 452, /later \(452\)/],
  ])('for %s is a temporary failure', async (_, stage, reply, reason, text) => {
    const result = await sendWithReply(stage, reply, text);
    expect(result).toEqual({ ok: false, retry: true, reason: expect.stringMatching(reason) });
  });

  it.each<[string, Stage, number, RegExp]>([
    ['an unknown address', 'rcpt', 550, /rejected the email address \(550\)/],
    ['a rejected email', 'data', 554, /rejected the email \(554\)/],
  ])('for %s is a permanent failure', async (_, stage, reply, reason) => {
    const result = await sendWithReply(stage, reply);
    expect(result).toEqual({ ok: false, retry: false, reason: expect.stringMatching(reason) });
  });
});

describe('a missing reply', () => {
  const STAGES: Stage[] = ['connect', 'auth', 'mail', 'rcpt', 'data'];
  const listStages = (failure: SimulatedFailure) => STAGES.map((stage) => [stage, failure] as const);

  it.each(listStages('hang'))('at %s ends at the timeout', async (stage, failure) => {
    const result = await sendWithFailure(stage, failure);
    const reason = 'The mail server didn’t respond within 60 seconds.';
    expect(result).toEqual({
      ok: false,
      retry: true,
      reason,
      ...(stage === 'data' ? { isUnanswered: true } : {}),
    });
  });

  it.each(listStages('cut'))(
    'at %s, because the connection is closed, is a temporary failure',
    async (stage, failure) => {
      const result = await sendWithFailure(stage, failure);
      const reason = 'The mail server couldn’t be reached, or sent an invalid response.';
      expect(result).toEqual({
        ok: false,
        retry: true,
        reason,
        ...(stage === 'data' ? { isUnanswered: true } : {}),
      });
    },
  );
});
