import { describe, expect, it } from 'vitest';
import { renderChangeNoticeEmail } from './change-notice-email.ts';
import { renderChangeReportEmail } from './change-report-email.ts';

const noticeInput = {
  organisation: 'Northgate Gas & Power',
  username: 'Théâtre & Søn Ltd',
  isEmailChanged: true,
  isPhoneChanged: true,
  changedAt: new Date('2026-11-25T14:05:59Z'),
  link: 'https://access.northgate.example/report-change#AZq3l8Zq7nqUdJ6R0l1mVYb2s1f0w9KqT4h2V8n5cX0',
  linkExpiresAt: new Date('2026-12-02T14:05:59Z'),
};
const reportInput = {
  organisation: 'Northgate Gas & Power',
  username: 'Théâtre & Søn Ltd',
  changedBy: 'Ada Minister',
  changedAt: new Date('2026-11-25T14:05:59Z'),
  email: { before: 'old@example.com', after: 'new@example.com' },
  phone: { before: '+447894123456', after: '+4740612345' },
  link: 'https://access.northgate.example/settings/users/api-accounts/01a20def',
};

/** Extracts the visible text of an HTML email. */
function toVisibleText(html: string): string {
  const body = html
    .slice(html.indexOf('<body'))
    .replace(/<!--.*?-->/g, '')
    .replace(/<\/?strong[^>]*>/g, '')
    .replace(/<[^>]*>/g, ' ');
  const plain = body
    .replaceAll('&amp;', '&')
    .replaceAll('&#x27;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  return plain.replace(/\s+/g, ' ');
}

const notice = await renderChangeNoticeEmail(noticeInput);
const report = await renderChangeReportEmail(reportInput);

describe.each([
  ['text', notice.text],
  ['HTML', toVisibleText(notice.html)],
])('renderChangeNoticeEmail %s', (_, content) => {
  it.each([
    'The email address and phone number on your Northgate Gas & Power API account (Théâtre & Søn Ltd) were changed on Wednesday 25 November 2026, 14:05 UTC.',
    'If you expected this, you don’t need to do anything.',
    'select “This was not us”',
    noticeInput.link,
    'The link expires on Wednesday 2 December 2026, 14:05 UTC. Opening it doesn’t change anything.',
  ])('contains %s', (sentence) => {
    expect(content).toContain(sentence);
  });

  it('contains no key, code, address, number or other link', () => {
    const withoutLink = content.replaceAll(noticeInput.link, '');
    expect(withoutLink).not.toMatch(/[0-9A-Za-z]{30,}|\b\d{3} ?\d{3}\b|@|\+\d|https?:|\/reveal/);
  });
});

describe('renderChangeNoticeEmail', () => {
  it('names only the changed contact detail', async () => {
    const [emailNotice, phoneNotice] = [
      await renderChangeNoticeEmail({ ...noticeInput, isPhoneChanged: false }),
      await renderChangeNoticeEmail({ ...noticeInput, isEmailChanged: false }),
    ];
    expect(emailNotice.text).toContain(
      'The email address on your Northgate Gas & Power API account (Théâtre & Søn Ltd) was changed on',
    );
    expect(emailNotice.text).not.toContain('phone');
    expect(phoneNotice.text).toContain(
      'The phone number on your Northgate Gas & Power API account (Théâtre & Søn Ltd) was changed on',
    );
  });
});

describe.each([
  ['text', report.text],
  ['HTML', toVisibleText(report.html)],
])('renderChangeReportEmail %s', (_, content) => {
  it.each([
    'The contact details of the API account Théâtre & Søn Ltd were changed on Wednesday 25 November 2026, 14:05 UTC by Ada Minister.',
    'Email address: from old@example.com to new@example.com.',
    'Phone number: from +447894123456 to +4740612345.',
    'Ask Ada Minister whether it was right',
    'make the account inactive',
    'restore the old details',
    reportInput.link,
    'Nothing has been changed automatically.',
  ])('contains %s', (sentence) => {
    expect(content).toContain(sentence);
  });
});

describe('renderChangeReportEmail', () => {
  it('names only the changed contact detail, and no unknown administrator', async () => {
    const { text } = await renderChangeReportEmail({ ...reportInput, changedBy: null, email: null });
    expect(text).not.toContain('Email address: from');
    expect(text).toContain('by a former user');
    expect(text).toContain('Ask your colleagues');
  });
});

describe.each([
  ['renderChangeNoticeEmail', notice, noticeInput.link],
  ['renderChangeReportEmail', report, reportInput.link.replace('&', '&amp;')],
])('%s', (_, { html }, link) => {
  it('contains its link as a button and as text, no other link, and no external resource', () => {
    expect(html.match(/href="[^"]*"/g)).toEqual([`href="${link}"`, `href="${link}"`]);
    expect(html).not.toMatch(/<img|<link|<script|<iframe|src=|url\(|@import|background=|srcset/i);
    expect(html.match(/<h1/g)).toHaveLength(1);
  });
});

describe('both emails', () => {
  it('are rendered to identical bytes for equal input', async () => {
    expect(await renderChangeNoticeEmail({ ...noticeInput })).toEqual(notice);
    expect(await renderChangeReportEmail({ ...reportInput })).toEqual(report);
  });

  it('contain no markup, line break in the subject or change of text direction from names', async () => {
    const hostileName = 'Acme\r\nBcc: all@evil.example</style><script>alert(1)</script>\u202Egnp.exe';
    const emails = [
      await renderChangeNoticeEmail({ ...noticeInput, organisation: hostileName, username: hostileName }),
      await renderChangeReportEmail({ ...reportInput, username: hostileName, changedBy: hostileName }),
    ];
    for (const { subject, text, html } of emails) {
      expect(subject).not.toMatch(/[\r\n]/);
      expect(html).not.toContain('<script');
      expect(html.match(/<\/style>/g)).toHaveLength(1);
      expect(subject + text + html).not.toContain('\u202e');
    }
  });
});
