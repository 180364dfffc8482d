import { redirect } from 'next/navigation';
import { PublicFrame } from '#components/page-frame.tsx';
import { requirePerson } from '#lib/auth/require-role.ts';
import { settings } from '#lib/settings.ts';
import { describeSignOnError, signOnErrorSchema } from '#lib/single-sign-on/schema.ts';
import { LeaveToConfirm } from '../confirm/leave-to-confirm.tsx';
import { Confirmed } from './confirmed.tsx';
import { RoleChanged } from './role-changed.tsx';

export const metadata = { title: 'Confirm that it is you' };

type PageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** Where somebody comes back to from the provider, in a window of its own. */
export default async function ConfirmedPage({ searchParams }: PageProps) {
  const { organisationName, singleSignOn } = settings();
  const asked = await requirePerson();
  const { failed } = await searchParams;
  const told = failed === undefined ? null : (signOnErrorSchema.safeParse(failed).data ?? 'failed');
  // Whose role became another one on the way has no session any more.
  if (!singleSignOn || (!asked.ok && told !== 'role_changed')) redirect('/sign-in');
  const person = asked.ok ? asked.person : null;
  const reason = told ?? (person?.provenRecently ? null : 'not_fresh');
  const Failed = person ? LeaveToConfirm : RoleChanged;
  return (
    <PublicFrame
      organisation={organisationName}
      title={reason ? 'Not confirmed' : 'Confirmed'}
      description={reason ? undefined : 'You can close this window. What you were about to do goes on.'}
    >
      {reason && (
        <Failed provider={singleSignOn.name} failed={describeSignOnError(reason, singleSignOn.name)} />
      )}
      {person && !reason && <Confirmed userId={person.userId} />}
    </PublicFrame>
  );
}
