import { redirect } from 'next/navigation';
import { requireUser } from '#lib/identity/sessions/require-role.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { SettingsHeading } from '../settings-heading.tsx';
import { DetailsSection } from './details/details-section.tsx';
import { FactorsSection } from './factors/factors-section.tsx';
import { PasswordSection } from './password/password-section.tsx';
import { SessionsSection } from './sessions/sessions-section.tsx';
import { SingleSignOnSection } from './single-sign-on/single-sign-on-section.tsx';

export const metadata = { title: 'Your account' };

export default async function YourAccountPage() {
  const access = await requireUser();
  if (!access.ok) redirect(`/sign-in?then=${encodeURIComponent('/settings/your-account')}`);
  const { isLocalAuthEnabled } = settings();
  return (
    <>
      <SettingsHeading title="Your account">
        {access.user.role
          ? 'Your details, how you sign in, and where you’re signed in.'
          : 'You have no role yet. Ask a Settings Administrator for one.'}
      </SettingsHeading>
      <div className="grid max-w-3xl gap-10">
        <DetailsSection user={access.user} />
        <SingleSignOnSection user={access.user} />
        {isLocalAuthEnabled && <PasswordSection user={access.user} />}
        {isLocalAuthEnabled && <FactorsSection user={access.user} />}
        <SessionsSection user={access.user} />
      </div>
    </>
  );
}
