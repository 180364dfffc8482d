import { redirect } from 'next/navigation';
import { PublicFrame } from '#components/public-frame.tsx';
import { REAUTH_TITLE } from '#lib/identity/mfa/schema.ts';
import { requireUser } from '#lib/identity/sessions/require-role.ts';
import { isRoleChanged } from '#lib/identity/sign-in/sign-in-cookies.ts';
import { describeSsoError } from '#lib/identity/sso/errors.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { SignInAtProvider } from '../confirm/sign-in-at-provider.tsx';
import { Confirmed, RoleChanged } from './confirmed.tsx';
import { getFailureReason } from './failure-reason.ts';

export const metadata = { title: REAUTH_TITLE };

type PageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** Renders the page after re-authentication at the provider, in a separate window. */
export default async function ConfirmedPage({ searchParams }: PageProps) {
  const { organisationName, singleSignOn } = settings();
  const access = await requireUser();
  const user = access.ok ? access.user : null;
  const hasRecentAuth = user ? user.hasRecentAuth : null;
  const { failed } = await searchParams;
  const reason = getFailureReason(failed, { hasRecentAuth, isRoleChanged: await isRoleChanged() });
  if (!singleSignOn || reason === 'signed_out') redirect('/sign-in');
  const NextStep = user ? SignInAtProvider : RoleChanged;
  return (
    <PublicFrame
      organisation={organisationName}
      title={reason ? 'Not confirmed' : 'Confirmed'}
      description={reason ? undefined : 'You can close this window and carry on in the other one.'}
    >
      {reason && (
        <NextStep
          provider={singleSignOn.name}
          previousFailure={describeSsoError(reason, singleSignOn.name, singleSignOn.roles?.claim)}
        />
      )}
      {user && !reason && <Confirmed userId={user.userId} />}
    </PublicFrame>
  );
}
