import { redirect } from 'next/navigation';
import { PublicFrame } from '#components/page-frame.tsx';
import { requirePerson } from '#lib/auth/require-role.ts';
import { settings } from '#lib/settings.ts';
import { describeSignOnError, signOnErrorSchema } from '#lib/single-sign-on/schema.ts';
import { LeaveToConfirm } from '../confirm/leave-to-confirm.tsx';
import { Confirmed } from './confirmed.tsx';

export const metadata = { title: 'Confirm that it is you' };

type PageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** Where somebody comes back to from the provider, in a window of its own. */
export default async function ConfirmedPage({ searchParams }: PageProps) {
  const { organisationName, singleSignOn } = settings();
  const asked = await requirePerson();
  if (!singleSignOn || !asked.ok) redirect('/sign-in');
  const { failed } = await searchParams;
  const told = failed === undefined ? null : (signOnErrorSchema.safeParse(failed).data ?? 'failed');
  const reason = told ?? (asked.person.provenRecently ? null : 'not_fresh');
  return (
    <PublicFrame
      organisation={organisationName}
      title={reason ? 'Not confirmed' : 'Confirmed'}
      description={reason ? undefined : 'You can close this window. What you were about to do goes on.'}
    >
      {reason ? (
        <LeaveToConfirm
          provider={singleSignOn.name}
          failed={describeSignOnError(reason, singleSignOn.name)}
        />
      ) : (
        <Confirmed userId={asked.person.userId} />
      )}
    </PublicFrame>
  );
}
