import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atScale } from '#lib/testing/scale.ts';
import { getOutboxFolder, readOutbox, removeDeletedFromOutbox, writeToOutbox } from './outbox.ts';

let dataFolder: string;
let folder: string;

beforeEach(async () => {
  dataFolder = await mkdtemp(path.join(tmpdir(), 'outbox-'));
  folder = getOutboxFolder(dataFolder);
});

afterEach(() => rm(dataFolder, { recursive: true, force: true }));

const makeEmail = (id: string = randomUUID()) => ({
  id,
  channel: 'email' as const,
  to: 'ops@integrator.example',
  subject: 'Your API key from Théâtre',
  text: 'text',
  html: '<p>html</p>',
});

const makeSms = (id: string = randomUUID()) => ({
  id,
  channel: 'sms' as const,
  to: '+447894123456',
  subject: null,
  text: 'code',
  html: null,
});

describe('outbox', () => {
  it('stores a message as one file with the documented name and content', async () => {
    const id = '01932f4e-7d3b-7000-8000-0123456789ab';
    const now = new Date('2026-11-24T14:05:06.007Z');
    expect(await writeToOutbox(folder, makeEmail(id), now)).toEqual({
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

  it('is readable only by its owner', async () => {
    await writeToOutbox(folder, makeSms());
    const [name = ''] = await readdir(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(path.join(folder, name))).mode & 0o777).toBe(0o600);
  });

  it('does not write a message whose id it already has', async () => {
    const message = makeSms();
    await writeToOutbox(folder, message, new Date('2026-11-24T14:00:00Z'));
    const messageWithSameId = { ...message, text: 'another' };
    for (const now of ['2026-11-24T13:00:00Z', '2026-11-24T15:00:00Z']) {
      expect(await writeToOutbox(folder, messageWithSameId, new Date(now))).toEqual({
        ok: true,
        provider: 'outbox',
        providerId: null,
      });
    }
    expect(await readOutbox(folder)).toEqual([{ ...message, sentAt: '2026-11-24T14:00:00.000Z' }]);
  });

  it('keeps one file of a message that is written by twenty concurrent calls', async () => {
    const message = makeEmail();
    const start = Date.parse('2026-11-24T14:00:00Z');
    const attempts = Array.from({ length: 20 }, (_, index) =>
      writeToOutbox(folder, message, new Date(start + (index % 7))),
    );
    for (const result of await Promise.all(attempts))
      expect(result).toEqual({ ok: true, provider: 'outbox', providerId: null });
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('lists messages newest first, up to the limit', async () => {
    const time = fc.date({
      min: new Date('2000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(time, { maxLength: 12 }), async (times) => {
        for (const [index, now] of times.entries())
          await writeToOutbox(folder, index % 2 ? makeEmail() : makeSms(), now);
        const newestFirst = times
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

  it('has no messages if the folder does not exist', async () => {
    expect(await readOutbox(folder)).toEqual([]);
  });

  it('removes deleted messages, and no other file', async () => {
    const [kept, removed] = [makeEmail(), makeSms()];
    await writeToOutbox(folder, kept);
    await writeToOutbox(folder, removed);
    await writeFile(path.join(folder, 'notes.txt'), 'x');
    const findExisting = async (ids: string[]) => {
      expect(ids.toSorted()).toEqual([kept.id, removed.id].toSorted());
      return new Set([kept.id]);
    };
    await removeDeletedFromOutbox(folder, findExisting);
    expect(await readdir(folder)).toEqual([expect.stringContaining(kept.id), 'notes.txt']);
    await removeDeletedFromOutbox(path.join(folder, 'missing'), findExisting);
  });

  it('ignores files that are not messages', async () => {
    const message = makeEmail();
    await writeToOutbox(folder, message);
    const timestamp = '2026-11-24T14-00-00.000Z';
    const otherFiles = {
      '.half.part': '{"channel":"email"',
      'notes.txt': 'x',
      [`${timestamp}-email-${randomUUID()}.json`]: '{"channel":"email","to"',
      [`${timestamp}-sms-${randomUUID()}.json`]: '{"channel":"sms"}',
      [`${timestamp}-fax-${randomUUID()}.json`]: '{}',
    };
    for (const [name, content] of Object.entries(otherFiles))
      await writeFile(path.join(folder, name), content);
    await mkdir(path.join(folder, `${timestamp}-email-${randomUUID()}.json`));
    expect(await readOutbox(folder)).toEqual([{ ...message, sentAt: expect.any(String) }]);
  });

  it('returns a temporary failure if the folder cannot be written', async () => {
    await writeFile(folder, 'a file where the folder should be');
    expect(await writeToOutbox(folder, makeEmail())).toEqual({
      ok: false,
      retry: true,
      reason: expect.stringMatching(/^The outbox couldn’t be written to \(E[A-Z]+\)\.$/),
    });
  });

  it('rejects an id that is not a UUID, so that it never becomes a path', async () => {
    await expect(writeToOutbox(folder, makeEmail('../../escape'))).rejects.toThrow(/UUID/);
  });
});
