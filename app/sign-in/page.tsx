import { redirect } from 'next/navigation';
import { PublicFrame } from '#components/page-frame.tsx';
import { currentPerson } from '#lib/auth/session.ts';
import { settings } from '#lib/settings.ts';
import { safePath } from './safe-path.ts';
import { SignInSteps } from './sign-in-steps.tsx';

export const metadata = { title: 'Sign in' };

type PageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function SignInPage({ searchParams }: PageProps) {
  const then = safePath((await searchParams).then);
  if (await currentPerson()) redirect(then);
  const { organisationName, embedded, firstAdminEmail } = settings();
  return (
    <PublicFrame
      organisation={organisationName}
      title="Sign in"
      description="To see and change who has access to the API."
      footer={
        embedded &&
        `The first time? The password of ${firstAdminEmail} was printed once, where npm start runs.`
      }
    >
      <SignInSteps then={then} />
      <noscript>
        <p className="mt-4">Signing in needs JavaScript. Switch it on for this page, then reload it.</p>
      </noscript>
    </PublicFrame>
  );
}
