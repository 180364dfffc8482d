import { describe, expect, test } from 'vitest';
import { changeNotice } from './change-notice.ts';
import { changeReportEmail } from './change-report-email.ts';

const noticeInput = {
  organisation: 'Northgate Gas & Power',
  username: 'Théâtre & Søn Ltd',
  changedEmail: true,
  changedPhone: true,
  changedAt: new Date('2026-11-25T14:05:59Z'),
  link: 'https://access.northgate.example/not-us#AZq3l8Zq7nqUdJ6R0l1mVYb2s1f0w9KqT4h2V8n5cX0',
  linkEndsAt: new Date('2026-12-02T14:05:59Z'),
};
const objectionInput = {
  organisation: 'Northgate Gas & Power',
  username: 'Théâtre & Søn Ltd',
  changedBy: 'Ada Minister',
  changedAt: new Date('2026-11-25T14:05:59Z'),
  email: { before: 'old@example.com', after: 'new@example.com' },
  phone: { before: '+447894123456', after: '+4740612345' },
  link: 'https://access.northgate.example/settings/users/api-accounts?search=x&edit=01a20def',
};

/** What a reader sees of the HTML. */
function seen(html: string): string {
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

const notice = await changeNotice(noticeInput);
const objection = await changeReportEmail(objectionInput);

describe.each([
  ['as text', notice.text],
  ['as HTML', seen(notice.html)],
])('the notice %s', (_, words) => {
  test.each([
    'Northgate Gas & Power keeps an API account with the username Théâtre & Søn Ltd.',
    'Its email address and phone number were changed on Wednesday 25 November 2026, 14:05 UTC.',
    'If you expected this, there is nothing to do.',
    'press “This was not us”',
    noticeInput.link,
    'until Wednesday 2 December 2026, 14:05 UTC. Opening it does nothing by itself.',
  ])('says %s', (sentence) => {
    expect(words).toContain(sentence);
  });

  test('holds no key, no code, no address, no number and no link but its own', () => {
    const rest = words.replaceAll(noticeInput.link, '');
    expect(rest).not.toMatch(/[0-9A-Za-z]{30,}|\b\d{3} ?\d{3}\b|@|\+\d|https?:|\/reveal/);
  });
});

test('the notice says which of the two was changed', async () => {
  const [email, phone] = [
    await changeNotice({ ...noticeInput, changedPhone: false }),
    await changeNotice({ ...noticeInput, changedEmail: false }),
  ];
  expect(email.text).toContain('Its email address was changed on');
  expect(email.text).not.toContain('phone');
  expect(phone.text).toContain('Its phone number was changed on');
});

describe.each([
  ['as text', objection.text],
  ['as HTML', seen(objection.html)],
])('the email to an administrator %s', (_, words) => {
  test.each([
    'The contact details of the API account Théâtre & Søn Ltd were changed on Wednesday 25 November 2026, 14:05 UTC by Ada Minister.',
    'Email address: from old@example.com to new@example.com.',
    'Phone number: from +447894123456 to +4740612345.',
    'Please ask Ada Minister whether this change was right',
    'make the account inactive',
    'put the address or the number back',
    objectionInput.link,
    'Nothing has happened by itself.',
  ])('says %s', (sentence) => {
    expect(words).toContain(sentence);
  });
});

test('the email to an administrator names only what was changed, and survives that nobody is known', async () => {
  const { text } = await changeReportEmail({ ...objectionInput, changedBy: null, email: null });
  expect(text).not.toContain('Email address: from');
  expect(text).toContain('by somebody who is no longer here');
  expect(text).toContain('Please ask your colleagues');
});

describe.each([
  ['the notice', notice, noticeInput.link],
  ['the email to an administrator', objection, objectionInput.link.replace('&', '&amp;')],
])('%s', (_, { html }, link) => {
  test('has its link as a button and as an address, and no other; loads nothing', () => {
    expect(html.match(/href="[^"]*"/g)).toEqual([`href="${link}"`, `href="${link}"`]);
    expect(html).not.toMatch(/<img|<link|<script|<iframe|src=|url\(|@import|background=|srcset/i);
    expect(html.match(/<h1/g)).toHaveLength(1);
  });
});

test('the same input gives the same bytes', async () => {
  expect(await changeNotice({ ...noticeInput })).toEqual(notice);
  expect(await changeReportEmail({ ...objectionInput })).toEqual(objection);
});

test('names and addresses are text: never markup, never another header, never the other way round', async () => {
  const hostile = 'Acme\r\nBcc: all@evil.example</style><script>alert(1)</script>\u202Egnp.exe';
  const emails = [
    await changeNotice({ ...noticeInput, organisation: hostile, username: hostile }),
    await changeReportEmail({ ...objectionInput, username: hostile, changedBy: hostile }),
  ];
  for (const { subject, text, html } of emails) {
    expect(subject).not.toMatch(/[\r\n]/);
    expect(html).not.toContain('<script');
    expect(html.match(/<\/style>/g)).toHaveLength(1);
    expect(subject + text + html).not.toContain('\u202e');
  }
});
