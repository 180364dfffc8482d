import { redirect } from 'next/navigation';
import { PublicFrame } from '#components/public-frame.tsx';
import { requireUser } from '#lib/identity/sessions/require-role.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { RedirectToProvider } from './redirect-to-provider.tsx';

export const metadata = { title: 'Confirm that it is you' };

/** Redirects a signed-in user to the provider to re-authenticate, in a separate window. */
export default async function ConfirmPage() {
  const { organisationName, singleSignOn } = settings();
  if (!singleSignOn || !(await requireUser()).ok) redirect('/sign-in');
  return (
    <PublicFrame
      organisation={organisationName}
      title="Confirm that it is you"
      description={`Sign in at ${singleSignOn.name} once more. The page that you came from stays as it is.`}
    >
      <RedirectToProvider provider={singleSignOn.name} previousFailure={null} />
    </PublicFrame>
  );
}
