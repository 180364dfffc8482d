import { redirect } from 'next/navigation';
import { PublicFrame } from '#components/public-frame.tsx';
import { currentUser } from '#lib/identity/sessions/require-role.ts';
import { describeSsoError, ssoErrorSchema } from '#lib/identity/sso/schema.ts';
import { isFirstSignInAwaited } from '#lib/identity/users/first-administrator.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';
import { safePath } from './safe-path.ts';
import { SignInSteps } from './sign-in-steps.tsx';

export const metadata = { title: 'Sign in' };

// Anyone can read these hints, so they contain no user and no password.
const FIRST_PASSWORD_GIVEN = 'First time? Use the password set in FIRST_ADMIN_PASSWORD.';
const FIRST_PASSWORD_PRINTED =
  'First time? Your password is in the terminal where you first started Stagedoor.';

type PageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function SignInPage({ searchParams }: PageProps) {
  const query = await searchParams;
  const then = safePath(query.then);
  if (await currentUser()) redirect(then);
  const { organisationName, embedded, firstAdminEmail, firstPasswordGiven, singleSignOn, passwordSignIn } =
    settings();
  const isFirstSignIn =
    embedded && passwordSignIn && (await isFirstSignInAwaited(database(), firstAdminEmail));
  const failed = ssoErrorSchema.safeParse(query.failed).data;
  return (
    <PublicFrame
      organisation={organisationName}
      title="Sign in"
      description="Manage who can use your API."
      footer={isFirstSignIn && (firstPasswordGiven ? FIRST_PASSWORD_GIVEN : FIRST_PASSWORD_PRINTED)}
    >
      <SignInSteps
        then={then}
        provider={singleSignOn?.name ?? null}
        hasLocalAuth={passwordSignIn}
        ssoFailure={failed && singleSignOn ? describeSsoError(failed, singleSignOn.name) : null}
      />
      <noscript>
        <p className="mt-4">Signing in needs JavaScript. Turn it on and reload the page.</p>
      </noscript>
    </PublicFrame>
  );
}
