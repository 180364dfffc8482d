import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { atScale } from '#lib/testing/scale.ts';
import { outboxFolder, readOutbox, writeToOutbox } from './outbox.ts';

let dataFolder: string;
let folder: string;

beforeEach(async () => {
  dataFolder = await mkdtemp(path.join(tmpdir(), 'outbox-'));
  folder = outboxFolder(dataFolder);
});

afterEach(() => rm(dataFolder, { recursive: true, force: true }));

const email = (id: string = randomUUID()) => ({
  id,
  channel: 'email' as const,
  to: 'ops@integrator.example',
  subject: 'Your API key from Théâtre',
  text: 'text',
  html: '<p>html</p>',
});

const text = (id: string = randomUUID()) => ({
  id,
  channel: 'sms' as const,
  to: '+447894123456',
  subject: null,
  text: 'code',
  html: null,
});

test('a message is one file of the agreed name and content', async () => {
  const id = '01932f4e-7d3b-7000-8000-0123456789ab';
  const now = new Date('2026-11-24T14:05:06.007Z');
  expect(await writeToOutbox(folder, email(id), now)).toEqual({
    ok: true,
    provider: 'outbox',
    providerId: null,
  });
  const name = `2026-11-24T14-05-06.007Z-email-${id}.json`;
  expect(await readdir(folder)).toEqual([name]);
  expect(JSON.parse(await readFile(path.join(folder, name), 'utf8'))).toEqual({
    channel: 'email',
    to: 'ops@integrator.example',
    subject: 'Your API key from Théâtre',
    text: 'text',
    html: '<p>html</p>',
    sentAt: '2026-11-24T14:05:06.007Z',
  });
});

test('only its owner may look into it', async () => {
  await writeToOutbox(folder, text());
  const [name = ''] = await readdir(folder);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(path.join(folder, name))).mode & 0o777).toBe(0o600);
});

test('a message that is there already is not written again', async () => {
  const message = text();
  await writeToOutbox(folder, message, new Date('2026-11-24T14:00:00Z'));
  const again = { ...message, text: 'another' };
  for (const now of ['2026-11-24T13:00:00Z', '2026-11-24T15:00:00Z']) {
    expect(await writeToOutbox(folder, again, new Date(now))).toEqual({
      ok: true,
      provider: 'outbox',
      providerId: null,
    });
  }
  expect(await readOutbox(folder)).toEqual([{ ...message, sentAt: '2026-11-24T14:00:00.000Z' }]);
});

test('of twenty attempts at once one file stays', async () => {
  const message = email();
  const start = Date.parse('2026-11-24T14:00:00Z');
  const attempts = Array.from({ length: 20 }, (_, index) =>
    writeToOutbox(folder, message, new Date(start + (index % 7))),
  );
  for (const sent of await Promise.all(attempts))
    expect(sent).toEqual({ ok: true, provider: 'outbox', providerId: null });
  expect(await readdir(folder)).toHaveLength(1);
});

test('messages come newest first, up to the limit', async () => {
  const moment = fc.date({
    min: new Date('2000-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59Z'),
    noInvalidDate: true,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(moment, { maxLength: 12 }), async (moments) => {
      for (const [index, now] of moments.entries())
        await writeToOutbox(folder, index % 2 ? email() : text(), now);
      const newestFirst = moments
        .map((now) => now.toISOString())
        .sort()
        .reverse();
      expect((await readOutbox(folder)).map(({ sentAt }) => sentAt)).toEqual(newestFirst);
      expect((await readOutbox(folder, 3)).map(({ sentAt }) => sentAt)).toEqual(newestFirst.slice(0, 3));
      await rm(folder, { recursive: true, force: true });
    }),
    { numRuns: atScale({ normal: 8, soak: 30 }) },
  );
});

test('a folder that is not there has no messages', async () => {
  expect(await readOutbox(folder)).toEqual([]);
});

test('files that are not messages are passed over', async () => {
  const message = email();
  await writeToOutbox(folder, message);
  const stamp = '2026-11-24T14-00-00.000Z';
  const strangers = {
    '.half.part': '{"channel":"email"',
    'notes.txt': 'x',
    [`${stamp}-email-${randomUUID()}.json`]: '{"channel":"email","to"',
    [`${stamp}-sms-${randomUUID()}.json`]: '{"channel":"sms"}',
    [`${stamp}-fax-${randomUUID()}.json`]: '{}',
  };
  for (const [name, content] of Object.entries(strangers)) await writeFile(path.join(folder, name), content);
  await mkdir(path.join(folder, `${stamp}-email-${randomUUID()}.json`));
  expect(await readOutbox(folder)).toEqual([{ ...message, sentAt: expect.any(String) }]);
});

test('a folder that cannot be written is an answer, to be tried again', async () => {
  await writeFile(folder, 'a file where the folder should be');
  expect(await writeToOutbox(folder, email())).toEqual({
    ok: false,
    retry: true,
    reason: expect.stringMatching(/^The outbox cannot be written \(E[A-Z]+\)\.$/),
  });
});

test('an id that is no UUID never becomes a path', async () => {
  await expect(writeToOutbox(folder, email('../../escape'))).rejects.toThrow(/UUID/);
});
