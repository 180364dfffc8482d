import { eq } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { endEmailLinks } from '#lib/identity/email-links/end.ts';
import { type LockedUser, lockUser } from '#lib/identity/mfa/lock-user.ts';
import { type ClientInfo, startSession } from '#lib/identity/sessions/start-session.ts';
import { rememberSignIn } from '#lib/identity/sign-in/rate-limits.ts';
import { foldEmail } from '#lib/identity/users/fold-email.ts';
import { lockUsers } from '#lib/identity/users/last-administrator.ts';
import { getNameOrEmail } from '#lib/identity/users/schema.ts';
import { getQueue, queueMessage } from '#lib/notifications/queue/queue-message.ts';
import { applyRole } from './apply-role.ts';
import { toAuthenticationTime } from './authentication-time.ts';
import {
  findUserIdByIdentity,
  linkIdentity,
  parseIdentity,
  readIdentity,
  updateIdentityLastUsed,
} from './identities.ts';
import { recordSsoRefusal } from './record-refusal.ts';
import type { OidcProfile } from './validate-claims.ts';

/** Why a user who authenticated at the provider may not sign in. */
type SignInRefusal =
  /** No user has their email address, and no claim gives them a role. */
  | 'unknown'
  /** The same, and the provider did not send the claim. */
  | 'missing_role_claim'
  /** The provider sent no verified email address, so no user can be found. */
  | NonNullable<OidcProfile['emailProblem']>
  /** The user with their email address is linked to another account at the provider. */
  | 'email_linked_elsewhere'
  /** The user is inactive. */
  | 'inactive';

type SignInRefused = { ok: false; reason: SignInRefusal };

export type SsoSignInResult = { ok: true; sessionId: string } | SignInRefused;

type Refused = SignInRefused & { targetUserId: string | null };
type UserLookup = { ok: true; lockedUser: LockedUser } | Refused;

const refuse = (reason: SignInRefusal, targetUserId: string | null = null): Refused => ({
  ok: false,
  reason,
  targetUserId,
});

/** Creates a user who was not invited, if a claim gives them a role. */
async function createUserFromClaims(
  transaction: Transaction,
  { name, role, ipAddress }: OidcProfile & { ipAddress: string },
  email: string,
): Promise<string | null> {
  if (!role) return null;
  const id = uuidv7();
  await transaction
    .insert(users)
    .values({ id, email, emailFolded: foldEmail(email), name: getNameOrEmail(name, email), role });
  const details = { email, role, by: 'single sign-on' };
  recordAuditEvent(transaction, 'user.created', { userId: null, targetUserId: id, ipAddress, details });
  return id;
}

/**
 * Links the identity to the user with the verified email address, or to a new user. Later sign-ins find the user by the
 * identity.
 */
async function linkByEmail(
  transaction: Transaction,
  queue: PgBoss,
  profile: OidcProfile & { ipAddress: string },
): Promise<UserLookup> {
  const { email, name, issuerAndSubject, ipAddress } = profile;
  if (!email) return refuse(profile.emailProblem ?? 'no_email');
  const [existing] = await transaction
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(eq(users.emailFolded, foldEmail(email)));
  const id = existing?.id ?? (await createUserFromClaims(transaction, profile, email));
  const lockedUser = id && (await lockUser(transaction, id));
  if (!lockedUser) return refuse(profile.isRoleClaimMissing ? 'missing_role_claim' : 'unknown');
  if (!lockedUser.active) return refuse('inactive', lockedUser.id);
  const identity = parseIdentity(issuerAndSubject);
  if (await readIdentity(transaction, lockedUser.id, identity.issuer))
    return refuse('email_linked_elsewhere', lockedUser.id);
  await linkIdentity(transaction, lockedUser.id, issuerAndSubject);
  recordAuditEvent(transaction, 'identity.linked', { userId: lockedUser.id, ipAddress, details: identity });
  if (!existing) return { ok: true, lockedUser };
  if (!existing.name)
    await transaction
      .update(users)
      .set({ name: getNameOrEmail(name, email) })
      .where(eq(users.id, lockedUser.id));
  // Signing in accepts an invitation, so its email link must not remain valid. A password reset link ends too.
  await endEmailLinks(transaction, lockedUser.id, 'withdrawn');
  const notice = { kind: 'security_notice', userId: lockedUser.id, notice: 'single_sign_on_linked' } as const;
  // A user without a name has only been invited, so linking their account does not surprise them.
  if (existing.name) await queueMessage(transaction, queue, notice);
  return { ok: true, lockedUser };
}

async function findOrLinkUser(
  transaction: Transaction,
  queue: PgBoss,
  profile: OidcProfile & { ipAddress: string },
): Promise<UserLookup> {
  const userId = await findUserIdByIdentity(transaction, profile.issuerAndSubject);
  if (!userId) return linkByEmail(transaction, queue, profile);
  const lockedUser = await lockUser(transaction, userId);
  if (!lockedUser?.active) return refuse('inactive', userId);
  await updateIdentityLastUsed(transaction, profile.issuerAndSubject);
  return { ok: true, lockedUser };
}

/**
 * Signs a user in by their identity at the provider. On the first sign-in, links the identity to the user with the same
 * verified email address, or creates the user if a claim gives them a role. Sets that role on each sign-in.
 * @throws if the database fails; no session has started then
 */
export async function signInWithSso(
  database: Database,
  { profile: oidcProfile, client }: { profile: OidcProfile; client: ClientInfo },
): Promise<SsoSignInResult> {
  const { ipAddress } = client;
  const profile = { ...oidcProfile, ipAddress };
  const queue = await getQueue(database.$client);
  const result = await withTransaction(database, async (transaction) => {
    await lockUsers(transaction);
    const found = await findOrLinkUser(transaction, queue, profile);
    if (!found.ok) return found;
    const userId = found.lockedUser.id;
    if (profile.role !== undefined) await applyRole(transaction, userId, { role: profile.role, ipAddress });
    const session = { ...client, authenticatedAt: toAuthenticationTime(profile, found.lockedUser) };
    const sessionId = await startSession(transaction, userId, 'oidc', session);
    return { ok: true, sessionId, email: found.lockedUser.email } as const;
  });
  if (result.ok) {
    await rememberSignIn(database.$client, { email: result.email, ipAddress });
    return { ok: true, sessionId: result.sessionId };
  }
  const { reason, targetUserId } = result;
  const { issuerAndSubject } = profile;
  await recordSsoRefusal(database, { reason, issuerAndSubject, targetUserId, ipAddress });
  return { ok: false, reason };
}
