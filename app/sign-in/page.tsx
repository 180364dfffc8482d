import { redirect } from 'next/navigation';
import { PublicFrame } from '#components/public-frame.tsx';
import { getCurrentUser } from '#lib/identity/sessions/require-role.ts';
import { describeSsoError, parseSsoError } from '#lib/identity/sso/errors.ts';
import { isFirstSignInAwaited } from '#lib/identity/users/first-administrator.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { publicDatabase } from '#lib/platform/database.ts';
import { getSafePath } from './safe-path.ts';
import { SignInSteps } from './sign-in-steps.tsx';

export const metadata = { title: 'Sign in' };

// Anyone can read these hints, so they contain neither an email address nor a password.
const FIRST_PASSWORD_SET_HINT = 'First time? Use the password in FIRST_ADMIN_PASSWORD.';
const FIRST_PASSWORD_PRINTED_HINT =
  'First time? Your password is in the terminal where you first started Stagedoor.';

type PageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function SignInPage({ searchParams }: PageProps) {
  const query = await searchParams;
  const then = getSafePath(query.then);
  if (await getCurrentUser()) redirect(then);
  const {
    organisationName,
    isEmbedded,
    firstAdminEmail,
    hasFirstPassword,
    singleSignOn,
    isLocalAuthEnabled,
  } = settings();
  const isFirstSignIn =
    isEmbedded && isLocalAuthEnabled && (await isFirstSignInAwaited(publicDatabase(), firstAdminEmail));
  const ssoError = parseSsoError(query.failed);
  return (
    <PublicFrame
      organisation={organisationName}
      title="Sign in"
      description="Manage who can use your API."
      footer={isFirstSignIn && (hasFirstPassword ? FIRST_PASSWORD_SET_HINT : FIRST_PASSWORD_PRINTED_HINT)}
    >
      <SignInSteps
        then={then}
        provider={singleSignOn?.name ?? null}
        hasLocalAuth={isLocalAuthEnabled}
        ssoFailure={
          ssoError && singleSignOn
            ? describeSsoError(ssoError, singleSignOn.name, singleSignOn.roles?.claim)
            : null
        }
      />
      <noscript>
        <p className="mt-4">Signing in needs JavaScript. Turn it on and reload the page.</p>
      </noscript>
    </PublicFrame>
  );
}
