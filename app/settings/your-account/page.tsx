import { redirect } from 'next/navigation';
import { SkeletonIfSlow } from '#components/skeleton-if-slow.tsx';
import { requireUser } from '#lib/identity/sessions/require-role.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { SettingsHeading } from '../settings-heading.tsx';
import { DetailsSection } from './details/details-section.tsx';
import { FactorsSection } from './factors/factors-section.tsx';
import { PasswordSection } from './password/password-section.tsx';
import { SectionSkeleton } from './section-skeleton.tsx';
import { SessionsSection } from './sessions/sessions-section.tsx';
import { SingleSignOnSection } from './single-sign-on/single-sign-on-section.tsx';

export const metadata = { title: 'Your account' };

const SKELETONS = {
  singleSignOn: {
    title: 'Single sign-on',
    parts: [{ text: 'You sign in with Entra. Last used 5 minutes ago.' }],
  },
  password: { title: 'Password', parts: [{ text: 'Last changed 5 minutes ago.', hasButton: true }] },
  factors: {
    title: 'Two-step sign-in',
    description: 'Protects your account even if someone learns your password.',
    parts: [
      {
        title: 'Passkeys',
        text: 'Sign in with your fingerprint, face or PIN instead of a password.',
        hasButton: true,
      },
      {
        title: 'Authenticator app',
        text: 'Use 6-digit codes from an app such as Google Authenticator, Microsoft Authenticator or 1Password.',
        hasButton: true,
      },
    ],
  },
  sessions: {
    title: 'Where you’re signed in',
    description: 'Don’t recognise one? Sign it out and change your password.',
    parts: [
      {
        text: '192.0.2.10 · Signed in 5 minutes ago with password · Active 5 minutes ago',
        title: 'Chrome on Linux',
      },
    ],
  },
};

export default async function YourAccountPage() {
  const access = await requireUser();
  if (!access.ok) redirect(`/sign-in?then=${encodeURIComponent('/settings/your-account')}`);
  const { user } = access;
  const { isLocalAuthEnabled, singleSignOn } = settings();
  return (
    <>
      <SettingsHeading title="Your account">
        {user.role
          ? 'Your details, how you sign in, and where you’re signed in.'
          : 'You have no role yet. Ask a Settings Administrator for one.'}
      </SettingsHeading>
      <div className="grid max-w-3xl gap-10">
        <DetailsSection user={user} />
        {singleSignOn && (
          <SkeletonIfSlow
            content={SingleSignOnSection({ user })}
            skeleton={<SectionSkeleton {...SKELETONS.singleSignOn} isPart />}
          />
        )}
        {isLocalAuthEnabled && (
          <SkeletonIfSlow
            content={PasswordSection({ user })}
            skeleton={<SectionSkeleton {...SKELETONS.password} isPart />}
          />
        )}
        {isLocalAuthEnabled && (
          <SkeletonIfSlow
            content={FactorsSection({ user })}
            skeleton={<SectionSkeleton {...SKELETONS.factors} isPart />}
          />
        )}
        {/* Always there, so it announces for all that they load. */}
        <SkeletonIfSlow
          content={SessionsSection({ user })}
          skeleton={<SectionSkeleton {...SKELETONS.sessions} />}
        />
      </div>
    </>
  );
}
