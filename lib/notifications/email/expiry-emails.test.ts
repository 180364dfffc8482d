import { describe, expect, it } from 'vitest';
import { renderExpiryReminderEmail } from './expiry-reminder-email.ts';
import {
  renderExpiryOverviewEmail,
  renderTokenOverviewEmail,
  renderUnusedOverviewEmail,
} from './overview-emails.ts';

const organisation = 'Northgate Gas & Power';
const timeZone = 'Europe/London';
const link = 'https://access.northgate.example/settings/users/api-accounts?status=expiring';
const expiresAt = new Date('2027-07-31T22:59:00Z');

const reminder = { organisation, username: 'Théâtre & Søn Ltd', expiresAt, timeZone };
const account = { username: 'Théâtre & Søn Ltd', expiresAt };
const overview = { organisation, timeZone, accounts: [account], total: 1, link };
const unused = {
  ...{ organisation, timeZone, link, total: 4 },
  accounts: [
    { username: 'One', isCollected: false, lastUsedAt: null, startedAt: expiresAt },
    { username: 'Two', isCollected: true, lastUsedAt: expiresAt, startedAt: null },
    { username: 'Three', isCollected: true, lastUsedAt: null, startedAt: expiresAt },
  ],
};

describe('renderExpiryReminderEmail', () => {
  it('says in the organisation’s time zone when the access ends, and what to do', async () => {
    const { subject, text } = await renderExpiryReminderEmail(reminder);
    expect(subject).toBe('Your access to the Northgate Gas & Power API ends on 31 July 2027');
    expect(text).toContain(
      'The API account Théâtre & Søn Ltd at Northgate Gas & Power expires on Saturday 31 July 2027, 23:59 BST.',
    );
    expect(text).toContain('ask Northgate Gas & Power to extend it. Your key stays the same');
    const winter = await renderExpiryReminderEmail({
      ...reminder,
      expiresAt: new Date('2027-01-01T00:00:00Z'),
    });
    expect(winter.text).toContain('Friday 1 January 2027, 00:00 GMT');
  });

  it('contains no link, key, code, address or number', async () => {
    const { text, html } = await renderExpiryReminderEmail(reminder);
    expect(text).not.toMatch(/[0-9A-Za-z]{30,}|\b\d{3} ?\d{3}\b|@|\+\d|https?:/);
    expect(html).not.toMatch(/href=|<img|<script|src=/);
  });
});

describe('renderExpiryOverviewEmail', () => {
  it('lists the accounts with their expiry, and links to all of them', async () => {
    const { subject, text } = await renderExpiryOverviewEmail(overview);
    expect(subject).toBe('1 API account will expire soon');
    expect(text).toContain('Théâtre & Søn Ltd: Saturday 31 July 2027, 23:59 BST');
    expect(text).toContain(link);
    expect(text).not.toContain('more.');
    const many = await renderExpiryOverviewEmail({ ...overview, total: 1_234 });
    expect(many.subject).toBe('1,234 API accounts will expire soon');
    expect(many.text).toContain('And 1,233 more.');
  });
});

describe('renderTokenOverviewEmail', () => {
  it('lists the access tokens with their expiry and last use, and says how to replace one', async () => {
    const lastUsedAt = new Date('2027-07-01T12:00:00Z');
    const { subject, text } = await renderTokenOverviewEmail({
      ...{ organisation, timeZone, link, total: 3 },
      tokens: [
        { name: 'Terraform', expiresAt, lastUsedAt },
        { name: 'Old script', expiresAt, lastUsedAt: null },
      ],
    });
    expect(subject).toBe('3 access tokens will expire soon');
    expect(text).toContain('Terraform: Saturday 31 July 2027, 23:59 BST, last used on 1 July 2027');
    expect(text).toContain('Old script: Saturday 31 July 2027, 23:59 BST, never used');
    expect(text).toContain('And 1 more.');
    expect(text).toContain('create a new one, give it to the program, then revoke the old one');
    expect(text).toContain(link);
  });
});

describe('renderUnusedOverviewEmail', () => {
  it('lists the accounts with the reason, and links to all of them', async () => {
    const { subject, text } = await renderUnusedOverviewEmail(unused);
    expect(subject).toBe('4 unused API accounts');
    for (const line of [
      'One: key not collected since 31 July 2027',
      'Two: last used on 31 July 2027',
      'Three: key never used',
      'And 1 more.',
      link,
    ])
      expect(text).toContain(line);
  });
});

describe('all three emails', () => {
  it('are rendered to identical bytes for equal input', async () => {
    expect(await renderExpiryReminderEmail({ ...reminder })).toEqual(
      await renderExpiryReminderEmail(reminder),
    );
    expect(await renderExpiryOverviewEmail({ ...overview })).toEqual(
      await renderExpiryOverviewEmail(overview),
    );
  });

  it('contain no markup, line break in the subject or change of text direction from names', async () => {
    const hostileName = 'Acme\r\nBcc: all@evil.example</style><script>alert(1)</script>\u202Egnp.exe';
    const names = { organisation: hostileName, username: hostileName };
    const emails = [
      await renderExpiryReminderEmail({ ...reminder, ...names }),
      await renderExpiryOverviewEmail({ ...overview, ...names, accounts: [{ ...account, ...names }] }),
      await renderUnusedOverviewEmail({
        ...{ ...unused, ...names },
        accounts: [{ username: hostileName, isCollected: true, lastUsedAt: null, startedAt: null }],
      }),
    ];
    for (const { subject, text, html } of emails) {
      expect(subject).not.toMatch(/[\r\n]/);
      expect(html).not.toContain('<script');
      expect(html.match(/<\/style>/g)).toHaveLength(1);
      expect(subject + text + html).not.toContain('\u202e');
    }
  });
});
