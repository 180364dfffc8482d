import { describe, expect, it } from 'vitest';
import { renderChangeNoticeEmail } from './change-notice-email.ts';
import { renderChangeReportEmail } from './change-report-email.ts';
import { COPY_HINT } from './format.ts';
import {
  renderExpiryOverviewEmail,
  renderTokenOverviewEmail,
  renderUnusedOverviewEmail,
} from './overview-emails.ts';
import { renderRevealEmail } from './reveal-email.ts';
import { renderSecurityNoticeEmail } from './security-notice-email.ts';
import { renderUserLinkEmail } from './user-link-email.ts';
import { renderWebhookDisabledEmail } from './webhook-disabled-email.ts';

const organisation = 'Northgate Gas';
const time = new Date('2026-11-25T14:05:59Z');
const link = 'https://access.northgate.example/page#token';
const userLink = { organisation, link, expiresAt: time, invitedBy: 'Ida Admin', role: null };
const change = { organisation, username: 'Northwind', changedAt: time, link };
const timeZone = 'Europe/London';
const overview = { organisation, timeZone, link, total: 3 };
const account = { username: 'Northwind', expiresAt: time };
const notice = { organisation, link, happenedAt: time };

/** Lists the words of an HTML email, without the organisation above the heading and the hint to copy the link. */
function listHtmlWords(html: string): string[] {
  const visibleText = html
    .slice(html.indexOf('<body'))
    // Removes the preview text, which mail clients show in the inbox.
    .replace(/<div style="display:none.*?<\/div>/s, '')
    .replace(/<!--.*?-->/g, '')
    .replace(/<\/?strong[^>]*>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll('&#x27;', "'");
  return visibleText.replace(organisation, '').replace(COPY_HINT, '').split(/\s+/).filter(Boolean);
}

describe('plain text of an email', () => {
  it.each([
    [
      'reveal',
      renderRevealEmail({
        organisation,
        username: 'Northwind',
        link,
        expiresAt: time,
        codeMinutes: 10,
        oldKey: { expiresAt: time.toISOString(), endsOn: 'first_use' },
      }),
    ],
    [
      'change notice',
      renderChangeNoticeEmail({
        ...change,
        isEmailChanged: true,
        isPhoneChanged: false,
        linkExpiresAt: time,
      }),
    ],
    [
      'change report',
      renderChangeReportEmail({
        ...change,
        changedBy: 'Ada',
        email: null,
        phone: { before: '+4', after: '+5' },
      }),
    ],
    ['invitation', renderUserLinkEmail({ ...userLink, purpose: 'invitation', ssoOnlyProvider: null })],
    ['SSO invitation', renderUserLinkEmail({ ...userLink, purpose: 'invitation', ssoOnlyProvider: 'Entra' })],
    [
      'password reset',
      renderUserLinkEmail({ ...userLink, purpose: 'password_reset', ssoOnlyProvider: null }),
    ],
    ['expiry overview', renderExpiryOverviewEmail({ ...overview, accounts: [account] })],
    [
      'overview of unused accounts',
      renderUnusedOverviewEmail({
        ...overview,
        accounts: [{ username: 'Northwind', isCollected: true, lastUsedAt: time, startedAt: time }],
      }),
    ],
    [
      'overview of access tokens',
      renderTokenOverviewEmail({
        ...overview,
        tokens: [{ name: 'Terraform', expiresAt: time, lastUsedAt: null }],
      }),
    ],
    [
      'disabled webhook endpoint',
      renderWebhookDisabledEmail({
        ...overview,
        ...{ endpoint: 'https://a.example', description: '', reason: 'gone' },
      }),
    ],
    ['security notice', renderSecurityNoticeEmail({ ...notice, notice: 'totp_added' })],
    ['notice of a changed email address', renderSecurityNoticeEmail({ ...notice, notice: 'email_changed' })],
    [
      'notice of an unlinked SSO account',
      renderSecurityNoticeEmail({ ...notice, notice: 'single_sign_on_unlinked' }),
    ],
  ])('has the same words as the HTML: %s', async (_, email) => {
    const { text, html } = await email;
    expect(text.replace(`:\n${link}`, ` ${link}`).split(/\s+/).filter(Boolean)).toEqual(listHtmlWords(html));
  });
});
