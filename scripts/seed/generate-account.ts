import { hash } from 'node:crypto';
import { ATTEMPTS_PER_LINK } from '#lib/account-state/limits.ts';
import { digestErasableDetails, ERASABLE_DIGEST } from '#lib/audit/erasable-details.ts';
import { CODE_MINUTES, LINK_HOURS } from '#lib/key-delivery/reveal/limits.ts';
import { foldUsername } from '#lib/platform/user-input/name.ts';
import { createCompanyName, createDomain } from './company-names.ts';
import type { Row } from './copy-rows.ts';
import { createRandom } from './random.ts';

/** The user that has created the accounts, which tells them from others. They cannot sign in. */
export const SEED_USER_ID = '5eed5eed-5eed-8eed-8eed-5eed5eed5eed';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** One account in so many has its first key delivery and its audit events, and one in ten of those its usage by day. */
const HISTORY_INTERVAL = 20;
const DAYS_OF_USAGE = 30;

/** How many of 10,000 accounts are in each state. */
const STATES = {
  in_use: 8_850,
  inactive: 600,
  expired: 200,
  unused: 150,
  expiring: 60,
  never_used: 50,
  awaiting_collection: 60,
  link_expired: 20,
  locked: 5,
  bounced: 5,
};
type State = keyof typeof STATES;

/** States in which the key has not been collected. */
const PENDING: State[] = ['awaiting_collection', 'link_expired', 'locked', 'bounced'];

/** Ranges of mobile numbers that are reserved for fiction, so no phone rings. */
const PHONE_RANGES = [
  (number: number) => `+447700900${pad(number % 1_000, 3)}`,
  (number: number) => `+336399800${pad(number % 100, 2)}`,
  (number: number) => `+33639980${pad(number % 1_000, 3)}`,
  (number: number) => `+1${[202, 212, 305, 312, 415, 512, 617, 702][number % 8]}55501${pad(number % 100, 2)}`,
];
const MAILBOXES = ['it', 'api', 'developers', 'integration', 'ops', 'platform', 'tech', 'webmaster'];

const pad = (number: number, length: number) => String(number).padStart(length, '0');
const toHex = (index: number) => index.toString(16).padStart(8, '0');

/** An audit event without its place in the chain. */
export type SeededEvent = {
  id: string;
  at: Date;
  action: string;
  userId: string | null;
  accountId: string;
  ipAddress: string | null;
  details: Record<string, unknown>;
};
/** The rows of one account, by table, in the order in which they can be inserted. */
export type SeededAccount = { rows: [table: string, row: Row][]; events: SeededEvent[] };

export type SeedSettings = {
  seed: number;
  now: Date;
  /** How many accounts there will be, so that they can be spread over time. */
  accounts: number;
};

type Generator = {
  index: number;
  now: number;
  /** How far the account is between the first (0) and the last one (1). */
  progress: number;
  random: () => number;
  /** Returns a whole number below a limit. */
  below: (limit: number) => number;
  chance: (probability: number) => boolean;
  /** Returns a UUIDv7 that ends with the account's index. */
  createId: (at: Date) => string;
};

function createGenerator(index: number, { seed, now, accounts }: SeedSettings): Generator {
  const random = createRandom(`${seed}:${index}`);
  const hex = (digits: number) =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  return {
    index,
    now: now.getTime(),
    progress: index / Math.max(index + 1, accounts),
    random,
    below: (limit) => Math.floor(random() * limit),
    chance: (probability) => random() < probability,
    createId: (at) => {
      const time = at.getTime().toString(16).padStart(12, '0');
      const last = `${hex(4)}${toHex(index)}`;
      return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-${(8 + Math.floor(random() * 4)).toString(16)}${hex(3)}-${last}`;
    },
  };
}

function drawState({ below }: Generator): State {
  let drawn = below(10_000);
  for (const [state, count] of Object.entries(STATES)) {
    if (drawn < count) return state as State;
    drawn -= count;
  }
  return 'in_use';
}

const addMs = (time: Date, ms: number) => new Date(time.getTime() + ms);

/**
 * Draws when the account was created: later than the one before it, so that ids are inserted in their order. A pending
 * account is recent.
 */
function drawCreation(state: State, { now, random, progress }: Generator): Date {
  const daysAgo = {
    awaiting_collection: random() * 0.9,
    bounced: random() * 0.9,
    locked: 0.1 + random() * 0.8,
    link_expired: 1.1 + random() * 20,
  };
  return new Date(now - DAY_MS * (daysAgo[state as keyof typeof daysAgo] ?? 200 + 900 * (1 - progress)));
}

/** Draws when the account was last used; null if it never was. */
function drawLastUse(state: State, hasKey: boolean, { now, random, chance }: Generator): Date | null {
  if (!hasKey || state === 'never_used') return null;
  if (state === 'unused') return new Date(now - DAY_MS * (91 + random() * 100));
  if (state === 'inactive' || state === 'expired') return new Date(now - DAY_MS * (10 + random() * 90));
  const days = chance(0.7) ? random() : random() * 80;
  return new Date(now - DAY_MS * days);
}

function drawExpiry(state: State, { now, random, chance }: Generator): Date | null {
  if (state === 'expired') return new Date(now - DAY_MS * (8 + random() * 200));
  if (state === 'expiring') return new Date(now + DAY_MS * (1 + random() * 28));
  return chance(0.05) ? new Date(now + DAY_MS * (60 + random() * 700)) : null;
}

/** Everything about an account that its rows have in common. */
type Account = {
  id: string;
  state: State;
  username: string;
  email: string;
  phone: string;
  createdAt: Date;
  collectedAt: Date | null;
  lastUsedAt: Date | null;
  expiresAt: Date | null;
  /** Null if the account has none: those of most accounts are not kept. */
  revealId: string | null;
};

function drawAccount(generator: Generator): Account {
  const { index, below, chance, createId, random } = generator;
  const state = drawState(generator);
  const createdAt = drawCreation(state, generator);
  const hasKey = !PENDING.includes(state) && !(state === 'inactive' && chance(0.2));
  const username = createCompanyName(index);
  const phoneRange = PHONE_RANGES[below(PHONE_RANGES.length)] ?? String;
  const hasReveal = PENDING.includes(state) || index % HISTORY_INTERVAL === 0;
  return {
    id: createId(createdAt),
    state,
    username,
    email: `${MAILBOXES[below(MAILBOXES.length)]}@${createDomain(username)}`,
    phone: phoneRange(below(100_000)),
    createdAt,
    collectedAt: hasKey ? addMs(createdAt, MINUTE_MS * (5 + random() * 20 * 60)) : null,
    lastUsedAt: drawLastUse(state, hasKey, generator),
    expiresAt: drawExpiry(state, generator),
    revealId: hasReveal ? createId(createdAt) : null,
  };
}

const NOTES = [
  'Contract renewed.',
  'Pilot.',
  'Asked for a higher limit.',
  'Contact is on leave until March.',
];

function createAccountRow(account: Account, { index, below, chance }: Generator, seed: number): Row {
  const { id, state, username, email, phone, createdAt, collectedAt, expiresAt, revealId } = account;
  const isEdited = state === 'inactive' || (!PENDING.includes(state) && chance(0.2));
  return {
    id,
    username,
    username_folded: foldUsername(username),
    display_name: chance(0.05) ? `${createCompanyName(index + 17)} (formerly ${username})`.slice(0, 100) : '',
    notes: chance(0.05) ? (NOTES[below(NOTES.length)] ?? '') : '',
    email,
    phone,
    active: state !== 'inactive',
    requests_per_minute: chance(0.1) ? 60 * (1 + below(100)) : null,
    expires_at: expiresAt,
    allowed_networks: chance(0.03) ? `{198.51.100.${below(256)}/32}` : null,
    version: isEdited ? 2 : 1,
    // No key with this digest is known. It begins with the index, because random ones are slow to insert.
    key_digest: collectedAt && `\\x${toHex(index)}${hash('sha256', `seed ${seed}`).slice(8)}`,
    key_generated_at: collectedAt,
    reveal_id: revealId,
    created_at: createdAt,
    created_by: SEED_USER_ID,
    updated_at: isEdited ? addMs(createdAt, DAY_MS / 2) : createdAt,
    updated_by: SEED_USER_ID,
  };
}

function createUsageRow({ id, lastUsedAt }: Account, { below }: Generator): Row {
  const address = lastUsedAt && `203.0.113.${below(256)}`;
  return { account_id: id, last_used_at: lastUsedAt, last_address: address, current_key_used_at: lastUsedAt };
}

function createRevealRow(account: Account, revealId: string): Row {
  const { id, state, email, phone, createdAt, collectedAt } = account;
  // An inactive account that never collected its key keeps its expired link.
  const endedAt = collectedAt ?? (state === 'locked' ? addMs(createdAt, HOUR_MS) : null);
  const attempts = state === 'locked' ? ATTEMPTS_PER_LINK : collectedAt ? 1 : 0;
  return {
    id: revealId,
    account_id: id,
    email,
    phone,
    created_at: createdAt,
    expires_at: addMs(createdAt, LINK_HOURS * HOUR_MS),
    code_issued_at: createdAt,
    code_expires_at: addMs(createdAt, CODE_MINUTES * MINUTE_MS),
    code_attempts: Math.min(attempts, 5),
    link_attempts: attempts,
    email_queued_at: createdAt,
    ended_at: endedAt,
    end_reason: endedAt && (collectedAt ? 'shown' : 'locked'),
  };
}

/** Creates the link and the code of a key delivery, and what their providers reported. */
function createMessageRows({ state, createdAt }: Account, revealId: string, { createId }: Generator) {
  const sentAt = addMs(createdAt, 2_000);
  const reportedAt = addMs(createdAt, 9_000);
  const kinds = [
    ['reveal_link', 'email', 'resend'],
    ['code', 'sms', 'sns'],
  ] as const;
  return kinds.flatMap(([kind, channel, provider]): SeededAccount['rows'] => {
    const id = createId(createdAt);
    const isBounced = state === 'bounced' && kind === 'reveal_link';
    const message = {
      id,
      kind,
      channel,
      reveal_id: revealId,
      code_generation: kind === 'code' ? 1 : null,
      state: 'sent',
      attempts: 1,
      // Without an id at the provider, nothing asks the provider about it.
      provider,
      created_at: createdAt,
      ended_at: sentAt,
    };
    const report = {
      id: createId(reportedAt),
      message_id: id,
      kind: isBounced ? 'bounced' : 'delivered',
      at: reportedAt,
      received_at: reportedAt,
      reason: isBounced ? 'The mailbox doesn’t exist.' : null,
      source_id: `seed:${id}`,
    };
    return [
      ['messages', message],
      ['delivery_reports', report],
    ];
  });
}

function createDayRows({ id, lastUsedAt }: Account, { below }: Generator): SeededAccount['rows'] {
  if (!lastUsedAt) return [];
  const mean = 10 ** (1 + below(4));
  return Array.from({ length: DAYS_OF_USAGE }, (_, daysBefore) => {
    // Older than the minutes that the worker has not rolled up yet.
    const day = addMs(lastUsedAt, -daysBefore * DAY_MS)
      .toISOString()
      .slice(0, 10);
    const allowed = Math.floor(mean * (0.5 + below(100) / 100));
    return ['api_account_days', { account_id: id, day, allowed, limited: below(10) === 0 ? below(20) : 0 }];
  });
}

/** Creates the audit events of a key delivery, and the details of one that can be erased. */
function createEvents(
  account: Account,
  revealId: string,
  { createId, below, index }: Generator,
  seed: number,
) {
  const { id: accountId, username, email, phone, createdAt, collectedAt } = account;
  const createEvent = (event: Pick<SeededEvent, 'at' | 'action'> & Partial<SeededEvent>): SeededEvent => ({
    id: createId(event.at),
    userId: null,
    accountId,
    ipAddress: null,
    details: { revealId },
    ...event,
  });
  const salt = hash('sha256', `seed ${seed}, salt ${index}`, 'buffer');
  const erasable = { email, phone };
  const created = createEvent({
    at: createdAt,
    action: 'api_account.created',
    userId: SEED_USER_ID,
    details: { username, [ERASABLE_DIGEST]: digestErasableDetails(salt, erasable) },
  });
  const details = {
    event_id: created.id,
    salt: `\\x${salt.toString('hex')}`,
    details: JSON.stringify(erasable),
  };
  const started = createEvent({ at: createdAt, action: 'reveal.started', userId: SEED_USER_ID });
  const ipAddress = `203.0.113.${below(256)}`;
  const shown = collectedAt && createEvent({ at: collectedAt, action: 'api_key.shown', ipAddress });
  return { events: shown ? [created, started, shown] : [created, started], details };
}

/**
 * Generates the account with an index: the same one for the same index and settings. Its contact details reach no
 * company, and its key is not known.
 */
export function generateAccount(index: number, settings: SeedSettings): SeededAccount {
  const generator = createGenerator(index, settings);
  const account = drawAccount(generator);
  const rows: SeededAccount['rows'] = [
    ['api_accounts', createAccountRow(account, generator, settings.seed)],
    ['api_account_usage', createUsageRow(account, generator)],
  ];
  const { id, expiresAt, revealId } = account;
  if (expiresAt) {
    // As if the company had been reminded already, so that the worker sends nothing.
    const reminder = { id: generator.createId(account.createdAt), account_id: id, expires_at: expiresAt };
    rows.push(['expiry_reminders', { ...reminder, days_before: 0, is_skipped: true }]);
  }
  if (!revealId) return { rows, events: [] };
  rows.push(['reveals', createRevealRow(account, revealId)]);
  rows.push(...createMessageRows(account, revealId, generator));
  if (index % HISTORY_INTERVAL !== 0) return { rows, events: [] };
  if (index % (10 * HISTORY_INTERVAL) === 0) rows.push(...createDayRows(account, generator));
  const { events, details } = createEvents(account, revealId, generator, settings.seed);
  rows.push(['audit_erasable_details', details]);
  return { rows, events };
}
