import { eq } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { endUserLinks } from '#lib/identity/email-links/end.ts';
import { type LockedUser, lockUser } from '#lib/identity/mfa/lock-user.ts';
import { type Arrival, startSession } from '#lib/identity/sessions/start-session.ts';
import { foldEmail } from '#lib/identity/users/email.ts';
import { lockUsers } from '#lib/identity/users/last-administrator.ts';
import { nameOr } from '#lib/identity/users/schema.ts';
import { queueMessage } from '#lib/notifications/delivery/queue-message.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import { applyRole } from './apply-role.ts';
import { authenticatedAt } from './authenticated-at.ts';
import { addIdentity, findByIdentity, readIdentity, touchIdentity } from './identities.ts';
import { parseIdentity } from './party-of.ts';
import { recordSsoRefusal } from './record-refusal.ts';
import type { OidcProfile } from './validate-claims.ts';

/** Why somebody whom the provider knows is not let in. */
type Reason =
  /** Nobody here has their address, and no claim gives them a role. */
  | 'unknown'
  /** The provider does not vouch for an address, so nobody here can be told to be them. */
  | 'no_email'
  /** Whoever has their address here signs in as somebody else at the provider. */
  | 'other_identity'
  /** They may not sign in any more. */
  | 'inactive';

type SignOnRefused = { ok: false; reason: Reason };

export type SsoSignInResult = { ok: true; sessionId: string } | SignOnRefused;

type Refused = SignOnRefused & { targetUserId: string | null };
type Found = { ok: true; held: LockedUser } | Refused;

const refused = (reason: Reason, targetUserId: string | null = null): Refused => ({
  ok: false,
  reason,
  targetUserId,
});

/** Somebody nobody has invited, whose claim gives them a role. */
async function join(
  transaction: Transaction,
  { name, role, address }: OidcProfile & { address: string },
  email: string,
): Promise<string | null> {
  if (!role) return null;
  const id = uuidv7();
  await transaction
    .insert(users)
    .values({ id, email, emailFolded: foldEmail(email), name: nameOr(name, email), role });
  const details = { email, role, by: 'single sign-on' };
  recordAuditEvent(transaction, 'user.created', { userId: null, targetUserId: id, address, details });
  return id;
}

/** By the address that the provider vouches for: whose it is here, or somebody new. From now on it is by identity. */
async function link(
  transaction: Transaction,
  sender: PgBoss,
  holder: OidcProfile & { address: string },
): Promise<Found> {
  const { email, name, issuerAndSubject, address } = holder;
  if (!email) return refused('no_email');
  const [known] = await transaction
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(eq(users.emailFolded, foldEmail(email)));
  const id = known?.id ?? (await join(transaction, holder, email));
  const held = id && (await lockUser(transaction, id));
  if (!held) return refused('unknown');
  if (!held.active) return refused('inactive', held.id);
  const party = parseIdentity(issuerAndSubject);
  if (await readIdentity(transaction, held.id, party.issuer)) return refused('other_identity', held.id);
  await addIdentity(transaction, held.id, issuerAndSubject);
  recordAuditEvent(transaction, 'identity.linked', { userId: held.id, address, details: party });
  if (!known) return { ok: true, held };
  if (!known.name)
    await transaction
      .update(users)
      .set({ name: nameOr(name, email) })
      .where(eq(users.id, held.id));
  // Whoever was invited has accepted by this; and a link by email is another way in, which nobody needs now.
  await endUserLinks(transaction, held.id, 'withdrawn');
  const notice = { kind: 'security_notice', userId: held.id, notice: 'single_sign_on_linked' } as const;
  if (known.name) await queueMessage(transaction, sender, notice);
  return { ok: true, held };
}

async function find(
  transaction: Transaction,
  sender: PgBoss,
  holder: OidcProfile & { address: string },
): Promise<Found> {
  const userId = await findByIdentity(transaction, holder.issuerAndSubject);
  if (!userId) return link(transaction, sender, holder);
  const held = await lockUser(transaction, userId);
  if (!held?.active) return refused('inactive', userId);
  await touchIdentity(transaction, holder.issuerAndSubject);
  return { ok: true, held };
}

/**
 * Signs in somebody whom the provider knows: whose identity it is here; the first time, whoever has the address that
 * the provider vouches for; and where a claim gives a role, also somebody new. That claim is applied each time.
 * @throws when the database fails: nobody is signed in then
 */
export async function signInWithSso(
  database: Database,
  { holder: claimed, arrival }: { holder: OidcProfile; arrival: Arrival },
): Promise<SsoSignInResult> {
  const { address } = arrival;
  const holder = { ...claimed, address };
  const sender = await queueFor(database.$client);
  const result = await withTransaction(database, async (transaction) => {
    await lockUsers(transaction);
    const found = await find(transaction, sender, holder);
    if (!found.ok) return found;
    const userId = found.held.id;
    if (holder.role !== undefined) await applyRole(transaction, userId, { role: holder.role, address });
    const proven = { ...arrival, authenticatedAt: authenticatedAt(holder) };
    return { ok: true, sessionId: await startSession(transaction, userId, 'oidc', proven) } as const;
  });
  if (result.ok) return result;
  const { reason, targetUserId } = result;
  const { issuerAndSubject } = holder;
  await recordSsoRefusal(database, { reason, issuerAndSubject, targetUserId, address });
  return { ok: false, reason };
}
