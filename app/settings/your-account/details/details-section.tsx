import { EmailAddress } from '#components/email-address.tsx';
import { type CurrentUser, ROLE_LABELS } from '#lib/platform/authorization/roles.ts';
import { NameForm } from './name-form.tsx';

/** Shows the user's email address and role, and edits their name. */
export function DetailsSection({ user }: { user: CurrentUser }) {
  return (
    <section aria-labelledby="details-heading" className="grid gap-4">
      <h2 id="details-heading" className="font-semibold text-xl tracking-tight">
        Your details
      </h2>
      <div className="grid gap-4 rounded-xl border border-line bg-surface p-5 shadow-card">
        <NameForm savedName={user.name} />
        <dl className="grid gap-x-6 gap-y-1 sm:grid-cols-[auto_minmax(0,1fr)]">
          <dt className="font-medium">Email address</dt>
          <dd className="min-w-0 break-words text-muted">
            <EmailAddress>{user.email}</EmailAddress>
          </dd>
          <dt className="font-medium">Role</dt>
          <dd className="text-muted">{user.role ? ROLE_LABELS[user.role] : 'No role'}</dd>
        </dl>
        <p className="text-muted text-sm">
          {user.role === 'settings_administrator'
            ? 'Another Settings Administrator can change your email address and role.'
            : 'A Settings Administrator can change your email address and role.'}
        </p>
      </div>
    </section>
  );
}
