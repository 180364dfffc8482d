import type pg from 'pg';

export type RevealRow = {
  id: string;
  email: string;
  phone: string;
  /** Generation of the current code. */
  generation: number;
  codeAttempts: number;
  linkAttempts: number;
  newCodes: number;
  emailsResent: number;
  smsResent: number;
  /** Generation of the code that an administrator read out; null if none was. */
  readOutGeneration: number | null;
  endReason: 'shown' | 'replaced' | 'locked' | null;
  isExpired: boolean;
  isCodeExpired: boolean;
};
export type MessageRow = {
  id: string;
  revealId: string;
  kind: 'reveal_link' | 'code';
  state: 'queued' | 'sent' | 'failed' | 'dropped' | 'refused';
  attempts: number;
  /** Generation of the code in an SMS; null for an email. */
  generation: number | null;
  /** Whether a delivery attempt is in progress, so that no other can start. */
  isAttemptInProgress: boolean;
};

/** An account with its reveals, messages and audit events at one point in time. All are sorted oldest first. */
export type RevealSnapshot = {
  /** The database's clock, in seconds. */
  now: number;
  account: {
    email: string;
    phone: string;
    active: boolean;
    version: number;
    revealId: string;
    /** SHA-256 of the active key, in hexadecimal. */
    digest: string | null;
    /** SHA-256 of the previous key, if it still works. */
    previousDigest: string | null;
    /** What ends the previous key before its time; null if nothing does. */
    previousEndsOn: 'collection' | 'first_use' | null;
    /** Whether the previous key has ended, and the worker has not recorded that yet. */
    hasUnrecordedEnd: boolean;
    isExpired: boolean;
  };
  reveals: RevealRow[];
  messages: MessageRow[];
  audit: { action: string; revealId: string | null }[];
};

const SNAPSHOT_SQL = `select json_build_object(
  'now', extract(epoch from now()),
  'account', (select json_build_object('email', email, 'phone', phone, 'active', active, 'version', version,
      'revealId', reveal_id, 'isExpired', coalesce(expires_at <= now(), false), 'digest', encode(key_digest, 'hex'),
      'previousDigest', case when previous_key_expires_at > now() then encode(previous_key_digest, 'hex') end,
      'previousEndsOn', previous_key_ends_on,
      'hasUnrecordedEnd', previous_key_expires_at is not null
        and (previous_key_expires_at <= now() or previous_key_digest is null)) from api_accounts where id = $1),
  'reveals', (select json_agg(json_build_object('id', id, 'email', email, 'phone', phone,
      'generation', code_generation, 'codeAttempts', code_attempts, 'linkAttempts', link_attempts, 'newCodes', new_codes,
      'emailsResent', emails_resent, 'smsResent', sms_resent, 'readOutGeneration', read_out_generation, 'endReason', end_reason,
      'isExpired', expires_at <= now(), 'isCodeExpired', code_expires_at <= now()) order by id)
    from reveals where account_id = $1),
  'messages', (select json_agg(json_build_object('id', m.id, 'revealId', reveal_id, 'kind', kind, 'state', state,
      'attempts', attempts, 'generation', m.code_generation,
      'isAttemptInProgress', coalesce(attempt_until > now(), false)) order by m.id)
    from messages m join reveals r on r.id = m.reveal_id where r.account_id = $1),
  'audit', (select json_agg(json_build_object('action', action, 'revealId', details->>'revealId') order by id)
    from audit_events where account_id = $1)
) as snapshot`;

/** Reads a snapshot of an account in one statement. */
export async function takeSnapshot(pool: pg.Pool, accountId: string): Promise<RevealSnapshot> {
  const { rows } = await pool.query<{ snapshot: RevealSnapshot }>(SNAPSHOT_SQL, [accountId]);
  const snapshot = rows[0]?.snapshot;
  if (!snapshot) throw new Error('no snapshot');
  return snapshot;
}
