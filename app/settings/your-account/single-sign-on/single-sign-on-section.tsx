import { RelativeTime } from '#components/local-time.tsx';
import { readIdentity } from '#lib/identity/sso/identities.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';

/** Shows whether an SSO account is linked to the user; renders nothing if there is no OpenID provider. */
export async function SingleSignOnSection({ user }: { user: CurrentUser }) {
  const { singleSignOn, isLocalAuthEnabled } = settings();
  if (!singleSignOn) return null;
  const { name, issuer } = singleSignOn;
  const identity = await readIdentity(database(), user.userId, issuer);
  return (
    <section aria-labelledby="single-sign-on-heading" className="grid gap-4">
      <h2 id="single-sign-on-heading" className="font-semibold text-xl tracking-tight">
        Single sign-on
      </h2>
      <div className="rounded-xl border border-line bg-surface p-5 text-muted shadow-card">
        {identity ? (
          <p>
            You sign in with {name}. Last used{' '}
            <RelativeTime at={identity.lastUsedAt} now={new Date()} isMidSentence />.
          </p>
        ) : (
          <p>
            No {name} account is linked to yours. To link one, select <em>Continue with {name}</em> the next
            time you sign in. Its email address must be {user.email}.
          </p>
        )}
        {!isLocalAuthEnabled && <p className="mt-2">Passwords, passkeys and codes aren’t used here.</p>}
      </div>
    </section>
  );
}
