import { eq } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { endUserLinks } from '#lib/identity/email-links/end.ts';
import { type LockedUser, lockUser } from '#lib/identity/mfa/lock-user.ts';
import { type ClientInfo, startSession } from '#lib/identity/sessions/start-session.ts';
import { foldEmail } from '#lib/identity/users/email.ts';
import { lockUsers } from '#lib/identity/users/last-administrator.ts';
import { nameOrEmail } from '#lib/identity/users/schema.ts';
import { queueFor, queueMessage } from '#lib/notifications/queue/queue-message.ts';
import { applyRole } from './apply-role.ts';
import { authenticatedAt } from './authenticated-at.ts';
import { addIdentity, findByIdentity, parseIdentity, readIdentity, touchIdentity } from './identities.ts';
import { recordSsoRefusal } from './record-refusal.ts';
import type { OidcProfile } from './validate-claims.ts';

/** Why a user of the provider may not sign in. */
type Reason =
  /** No user has their email address, and no claim gives them a role. */
  | 'unknown'
  /** The provider has not verified an email address, so no user can be matched. */
  | 'no_email'
  /** The user with their email address is linked to another account at the provider. */
  | 'other_identity'
  /** The user is inactive. */
  | 'inactive';

type SignInRefused = { ok: false; reason: Reason };

export type SsoSignInResult = { ok: true; sessionId: string } | SignInRefused;

type Refused = SignInRefused & { targetUserId: string | null };
type UserLookup = { ok: true; lockedUser: LockedUser } | Refused;

const refused = (reason: Reason, targetUserId: string | null = null): Refused => ({
  ok: false,
  reason,
  targetUserId,
});

/** Creates a user who was not invited, if a claim gives them a role. */
async function createUserFromClaims(
  transaction: Transaction,
  { name, role, address }: OidcProfile & { address: string },
  email: string,
): Promise<string | null> {
  if (!role) return null;
  const id = uuidv7();
  await transaction
    .insert(users)
    .values({ id, email, emailFolded: foldEmail(email), name: nameOrEmail(name, email), role });
  const details = { email, role, by: 'single sign-on' };
  recordAuditEvent(transaction, 'user.created', { userId: null, targetUserId: id, address, details });
  return id;
}

/** Links the identity to the user with the verified email address, or to a new user. Later sign-ins use the identity. */
async function linkByEmail(
  transaction: Transaction,
  queue: PgBoss,
  profile: OidcProfile & { address: string },
): Promise<UserLookup> {
  const { email, name, issuerAndSubject, address } = profile;
  if (!email) return refused('no_email');
  const [existing] = await transaction
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(eq(users.emailFolded, foldEmail(email)));
  const id = existing?.id ?? (await createUserFromClaims(transaction, profile, email));
  const lockedUser = id && (await lockUser(transaction, id));
  if (!lockedUser) return refused('unknown');
  if (!lockedUser.active) return refused('inactive', lockedUser.id);
  const identity = parseIdentity(issuerAndSubject);
  if (await readIdentity(transaction, lockedUser.id, identity.issuer))
    return refused('other_identity', lockedUser.id);
  await addIdentity(transaction, lockedUser.id, issuerAndSubject);
  recordAuditEvent(transaction, 'identity.linked', { userId: lockedUser.id, address, details: identity });
  if (!existing) return { ok: true, lockedUser };
  if (!existing.name)
    await transaction
      .update(users)
      .set({ name: nameOrEmail(name, email) })
      .where(eq(users.id, lockedUser.id));
  // Signing in accepts an invitation, so a link by email would only be an unneeded sign-in method.
  await endUserLinks(transaction, lockedUser.id, 'withdrawn');
  const notice = { kind: 'security_notice', userId: lockedUser.id, notice: 'single_sign_on_linked' } as const;
  if (existing.name) await queueMessage(transaction, queue, notice);
  return { ok: true, lockedUser };
}

async function findOrLinkUser(
  transaction: Transaction,
  queue: PgBoss,
  profile: OidcProfile & { address: string },
): Promise<UserLookup> {
  const userId = await findByIdentity(transaction, profile.issuerAndSubject);
  if (!userId) return linkByEmail(transaction, queue, profile);
  const lockedUser = await lockUser(transaction, userId);
  if (!lockedUser?.active) return refused('inactive', userId);
  await touchIdentity(transaction, profile.issuerAndSubject);
  return { ok: true, lockedUser };
}

/**
 * Signs a user in by their identity at the provider. Links it by verified email address on the first sign-in, and creates
 * the user if a claim gives them a role. Applies that role on each sign-in.
 * @throws if the database fails; no session has started then
 */
export async function signInWithSso(
  database: Database,
  { profile: claimed, client }: { profile: OidcProfile; client: ClientInfo },
): Promise<SsoSignInResult> {
  const { address } = client;
  const profile = { ...claimed, address };
  const queue = await queueFor(database.$client);
  const result = await withTransaction(database, async (transaction) => {
    await lockUsers(transaction);
    const found = await findOrLinkUser(transaction, queue, profile);
    if (!found.ok) return found;
    const userId = found.lockedUser.id;
    if (profile.role !== undefined) await applyRole(transaction, userId, { role: profile.role, address });
    const session = { ...client, authenticatedAt: authenticatedAt(profile) };
    return { ok: true, sessionId: await startSession(transaction, userId, 'oidc', session) } as const;
  });
  if (result.ok) return result;
  const { reason, targetUserId } = result;
  const { issuerAndSubject } = profile;
  await recordSsoRefusal(database, { reason, issuerAndSubject, targetUserId, address });
  return { ok: false, reason };
}
