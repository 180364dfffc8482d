import { redirect } from 'next/navigation';
import { requireUser } from '#lib/identity/sessions/require-role.ts';
import { ROLE_LABELS } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { SettingsHeading } from '../settings-heading.tsx';
import { FactorsSection } from './factors/factors-section.tsx';
import { PasswordSection } from './password/password-section.tsx';
import { SessionsSection } from './sessions/sessions-section.tsx';
import { SingleSignOnSection } from './single-sign-on/single-sign-on-section.tsx';

export const metadata = { title: 'Your account' };

export default async function YourAccountPage() {
  const access = await requireUser();
  if (!access.ok) redirect(`/sign-in?then=${encodeURIComponent('/settings/your-account')}`);
  const { name, email, role } = access.user;
  const { isLocalAuthEnabled } = settings();
  return (
    <>
      <SettingsHeading title="Your account">
        {`${name}, ${email}. ${role ? ROLE_LABELS[role] : 'No role: ask a Settings Administrator for one.'}`}
      </SettingsHeading>
      <div className="grid max-w-3xl gap-10">
        <SingleSignOnSection user={access.user} />
        {isLocalAuthEnabled && <PasswordSection user={access.user} />}
        {isLocalAuthEnabled && <FactorsSection user={access.user} />}
        <SessionsSection user={access.user} />
      </div>
    </>
  );
}
