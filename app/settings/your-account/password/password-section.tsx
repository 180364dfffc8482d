import { RelativeTime } from '#components/local-time.tsx';
import { readPasswordState } from '#lib/identity/passwords/read-state.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';
import { ChangePasswordButton } from './change-password-button.tsx';

/** Shows when the user's password was changed, with a button that changes it. */
export async function PasswordSection({ user }: { user: CurrentUser }) {
  const { isSet, changedAt, minLength } = await readPasswordState(database(), user.userId);
  // A password that contains one of these is weak, because an attacker would try them first.
  const userInputs = [user.name, settings().organisationName];
  return (
    <section aria-labelledby="password-heading" className="grid gap-4">
      <h2 id="password-heading" className="font-semibold text-xl tracking-tight">
        Password
      </h2>
      <div className="flex items-center justify-between gap-x-6 gap-y-3 rounded-xl border border-line bg-surface p-5 shadow-card max-sm:flex-col max-sm:items-start">
        {changedAt ? (
          <p key="changed" className="min-w-0 text-muted">
            Last changed <RelativeTime at={changedAt} now={new Date()} isMidSentence />.
          </p>
        ) : (
          <p key="given" className="min-w-0 text-muted">
            {isSet
              ? 'You’re using the password you were given. Choose your own.'
              : 'You don’t have a password.'}
          </p>
        )}
        {isSet && <ChangePasswordButton email={user.email} userInputs={userInputs} minLength={minLength} />}
      </div>
    </section>
  );
}
