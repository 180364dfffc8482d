import { redirect } from 'next/navigation';
import { PublicFrame } from '#components/public-frame.tsx';
import { requireUser } from '#lib/identity/sessions/require-role.ts';
import { isRoleChanged } from '#lib/identity/sessions/session.ts';
import { describeSsoError } from '#lib/identity/sso/schema.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { RedirectToProvider } from '../confirm/redirect-to-provider.tsx';
import { Confirmed } from './confirmed.tsx';
import { failureReason } from './failure-reason.ts';
import { RoleChanged } from './role-changed.tsx';

export const metadata = { title: 'Confirm that it is you' };

type PageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** Where somebody comes back to from the provider, in a window of its own. */
export default async function ConfirmedPage({ searchParams }: PageProps) {
  const { organisationName, singleSignOn } = settings();
  const asked = await requireUser();
  const person = asked.ok ? asked.person : null;
  const hasRecentAuth = person ? person.hasRecentAuth : null;
  const { failed } = await searchParams;
  const reason = failureReason(failed, { hasRecentAuth, roleChanged: await isRoleChanged() });
  if (!singleSignOn || reason === 'signed_out') redirect('/sign-in');
  const Failed = person ? RedirectToProvider : RoleChanged;
  return (
    <PublicFrame
      organisation={organisationName}
      title={reason ? 'Not confirmed' : 'Confirmed'}
      description={reason ? undefined : 'You can close this window. What you were about to do goes on.'}
    >
      {reason && <Failed provider={singleSignOn.name} failed={describeSsoError(reason, singleSignOn.name)} />}
      {person && !reason && <Confirmed userId={person.userId} />}
    </PublicFrame>
  );
}
