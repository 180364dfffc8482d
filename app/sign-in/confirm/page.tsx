import { redirect } from 'next/navigation';
import { PublicFrame } from '#components/public-frame.tsx';
import { REAUTH_TITLE } from '#lib/identity/mfa/schema.ts';
import { requireUser } from '#lib/identity/sessions/require-role.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { SignInAtProvider } from './sign-in-at-provider.tsx';

export const metadata = { title: REAUTH_TITLE };

/** Renders the separate window in which a signed-in user is redirected to the provider to re-authenticate. */
export default async function ConfirmPage() {
  const { organisationName, singleSignOn } = settings();
  if (!singleSignOn || !(await requireUser()).ok) redirect('/sign-in');
  return (
    <PublicFrame
      organisation={organisationName}
      title={REAUTH_TITLE}
      description={`Sign in to ${singleSignOn.name} again. Your other page is still open.`}
    >
      <SignInAtProvider provider={singleSignOn.name} previousFailure={null} />
    </PublicFrame>
  );
}
