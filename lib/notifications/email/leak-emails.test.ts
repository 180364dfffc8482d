import { describe, expect, it } from 'vitest';
import { renderLeakNoticeEmail } from './leak-notice-email.ts';
import { renderLeakReportEmail } from './leak-report-email.ts';

const organisation = 'Northgate Gas & Power';
const leakedAt = new Date('2026-11-30T16:05:00Z');
const username = 'Théâtre & Søn Ltd';
const trustedUrl = 'https://github.com/example/project/blob/main/.env';

const notice = {
  ...{ organisation, username, leakedAt, trustedUrl: null },
  ...({ key: 'current', hasNewKey: false } as const),
};
const report = {
  ...{ organisation, leakedAt, trustedUrl: null, source: 'api' as const },
  subject: { key: 'current' as const, username, hasNewKey: false },
  link: 'https://access.northgate.example/settings/users/api-accounts/1?dialog=resetKey',
};

describe('renderLeakNoticeEmail', () => {
  it('says what happened, and that a new key can be sent', async () => {
    const { subject, text } = await renderLeakNoticeEmail(notice);
    expect(subject).toBe('Your API key from Northgate Gas & Power leaked and no longer works');
    expect(text).toContain(
      'A key of your API account Théâtre & Søn Ltd at Northgate Gas & Power was reported as leaked on Monday 30 November 2026, 16:05 UTC.',
    );
    expect(text).toContain('They can send you a new key');
  });

  it('says after the leak of an old key whether there is a new one', async () => {
    const old = { ...notice, key: 'previous' as const };
    expect((await renderLeakNoticeEmail(old)).text).toContain('open the link that we’ve already emailed you');
    const { text } = await renderLeakNoticeEmail({ ...old, hasNewKey: true });
    expect(text).toContain('The new one still works');
    expect(text).not.toContain('They can send you');
  });

  it('contains no link, key, code, address or number, and a URL only of GitHub', async () => {
    const { text, html } = await renderLeakNoticeEmail(notice);
    expect(text).not.toMatch(/[0-9A-Za-z]{30,}|\b\d{3} ?\d{3}\b|@|\+\d|https?:/);
    expect(html).not.toMatch(/href=|<img|<script|src=/);
    const withUrl = await renderLeakNoticeEmail({ ...notice, trustedUrl });
    expect(withUrl.text).toContain(`GitHub found it here: ${trustedUrl}.`);
    expect(withUrl.html).not.toContain('href=');
  });
});

describe('renderLeakReportEmail', () => {
  it('names the account and who reported the leak, and links to the reset', async () => {
    const { subject, text } = await renderLeakReportEmail(report);
    expect(subject).toBe('The API key of Théâtre & Søn Ltd leaked and no longer works');
    expect(text).toContain('was reported as leaked on Monday 30 November 2026, 16:05 UTC by a program.');
    expect(text).toContain(report.link);
    expect(text).not.toContain('found it here');
    const github = await renderLeakReportEmail({ ...report, source: 'github', trustedUrl });
    expect(github.text).toContain(`GitHub found it here: ${trustedUrl}.`);
  });

  it('says after the leak of an old key that the new one is not affected', async () => {
    const subject = { key: 'previous' as const, username, hasNewKey: true };
    const { text } = await renderLeakReportEmail({ ...report, subject });
    expect(text).toContain('The old API key of');
    expect(text).toContain('Their new key still works.');
    expect(text).not.toContain('Send a new key');
  });

  it('says what to do after the leak of an access token', async () => {
    const { subject, text } = await renderLeakReportEmail({ ...report, subject: { accessToken: 'CI\njob' } });
    expect(subject).toBe('The access token CI job leaked and was revoked');
    expect(text).toContain('Create a new token for them');
  });
});
