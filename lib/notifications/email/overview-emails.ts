import { COPY_HINT, type EmailContent, formatInTimeZone, richText, strong, toOneLine } from './format.ts';

/** `total`: the number of all accounts, also those that are not named. `timeZone`: the organisation's (IANA name). */
type OverviewInput<Account> = {
  organisation: string;
  timeZone: string;
  accounts: Account[];
  total: number;
  link: string;
};

export type ExpiryOverviewEmailInput = OverviewInput<{ username: string; expiresAt: Date }>;

/** `lastUsedAt`: null if the key was never used. `startedAt`: when the key delivery began, null if that is unknown. */
export type UnusedOverviewEmailInput = OverviewInput<{
  username: string;
  isCollected: boolean;
  lastUsedAt: Date | null;
  startedAt: Date | null;
}>;

/** `lastUsedAt`: null if the token was never used. `total`: the number of all tokens, also those that are not named. */
export type TokenOverviewEmailInput = Omit<OverviewInput<never>, 'accounts'> & {
  tokens: { name: string; expiresAt: Date; lastUsedAt: Date | null }[];
};

const formatAccounts = (count: number, adjective = '') =>
  `${count.toLocaleString('en-GB')} ${adjective}API account${count === 1 ? '' : 's'}`;

/** Says how many entries are not named. */
const describeRest = (named: unknown[], total: number) =>
  total > named.length ? [[`And ${(total - named.length).toLocaleString('en-GB')} more.`]] : [];

/** The parts that all overviews share. */
const COMMON = { button: 'See the list', copyHint: COPY_HINT, afterLink: [] };

function buildExpiryContent(input: ExpiryOverviewEmailInput): EmailContent {
  const { accounts, total, timeZone, link } = input;
  const heading = `${formatAccounts(total)} will expire soon`;
  return {
    ...COMMON,
    organisation: toOneLine(input.organisation),
    subject: heading,
    preview: 'Extend the ones that are still needed.',
    heading,
    paragraphs: [
      [
        'When an account expires, its API key is refused. Nothing is deleted, and the same key works again if you extend the account.',
      ],
      ...accounts.map(
        ({ username, expiresAt }) =>
          richText`${strong(toOneLine(username))}: ${formatInTimeZone(expiresAt, timeZone).dateTime}`,
      ),
      ...describeRest(accounts, total),
      ['To extend an account, open it and change its expiry.'],
    ],
    link,
    warnings: [
      {
        title: 'Who gets this email.',
        text: 'Every Settings Administrator: 30, 7 and 1 days before an account expires, and on the day. The company gets a reminder, too.',
      },
    ],
  };
}

/** Describes since when an account is unused. */
function describeUnused(
  { isCollected, lastUsedAt, startedAt }: UnusedOverviewEmailInput['accounts'][number],
  timeZone: string,
): string {
  const format = (time: Date) => formatInTimeZone(time, timeZone).date;
  if (!isCollected) return startedAt ? `key not collected since ${format(startedAt)}` : 'key not collected';
  return lastUsedAt ? `last used on ${format(lastUsedAt)}` : 'key never used';
}

function buildUnusedContent(input: UnusedOverviewEmailInput): EmailContent {
  const { accounts, total, timeZone, link } = input;
  const heading = formatAccounts(total, 'unused ');
  return {
    ...COMMON,
    organisation: toOneLine(input.organisation),
    subject: heading,
    preview: 'Deactivate the ones that no longer need access.',
    heading,
    paragraphs: [
      [
        'Their key wasn’t collected within 7 days, or hasn’t been used for 90 days. Deactivate the ones that no longer need access: an unused key can only be misused.',
      ],
      ...accounts.map(
        (account) => richText`${strong(toOneLine(account.username))}: ${describeUnused(account, timeZone)}`,
      ),
      ...describeRest(accounts, total),
    ],
    link,
    warnings: [
      {
        title: 'Nothing has been changed automatically.',
        text: 'You can reactivate an account at any time, and its key works again.',
      },
      {
        title: 'Who gets this email.',
        text: 'Every Settings Administrator, once a week if there are unused accounts.',
      },
    ],
  };
}

function buildTokenContent(input: TokenOverviewEmailInput): EmailContent {
  const { tokens, total, timeZone, link } = input;
  const heading = `${total.toLocaleString('en-GB')} access token${total === 1 ? '' : 's'} will expire soon`;
  const describeUse = (lastUsedAt: Date | null) =>
    lastUsedAt ? `last used on ${formatInTimeZone(lastUsedAt, timeZone).date}` : 'never used';
  return {
    ...COMMON,
    organisation: toOneLine(input.organisation),
    subject: heading,
    preview: 'Replace the ones that are still needed.',
    heading,
    paragraphs: [
      ['From then on, the programs that use them can’t manage API accounts. API keys aren’t affected.'],
      ...tokens.map(
        ({ name, expiresAt, lastUsedAt }) =>
          richText`${strong(toOneLine(name))}: ${formatInTimeZone(expiresAt, timeZone).dateTime}, ${describeUse(lastUsedAt)}`,
      ),
      ...describeRest(tokens, total),
      [
        'An access token can’t be extended. To replace one, create a new one, give it to the program, then revoke the old one.',
      ],
    ],
    link,
    warnings: [
      {
        title: 'Who gets this email.',
        text: 'Every Settings Administrator: 14, 7 and 1 days before an access token expires, and on the day.',
      },
    ],
  };
}

type RenderedEmail = { subject: string; text: string; html: string };

/** Renders the email that lists the API accounts that expire soon for an administrator. */
export async function renderExpiryOverviewEmail(input: ExpiryOverviewEmailInput): Promise<RenderedEmail> {
  const { renderEmail } = await import('./layout.tsx');
  return renderEmail(buildExpiryContent(input));
}

/** Renders the email that lists unused API accounts for an administrator. */
export async function renderUnusedOverviewEmail(input: UnusedOverviewEmailInput): Promise<RenderedEmail> {
  const { renderEmail } = await import('./layout.tsx');
  return renderEmail(buildUnusedContent(input));
}

/** Renders the email that lists the access tokens that expire soon for an administrator. */
export async function renderTokenOverviewEmail(input: TokenOverviewEmailInput): Promise<RenderedEmail> {
  const { renderEmail } = await import('./layout.tsx');
  return renderEmail(buildTokenContent(input));
}
