import { SkeletonIfSlow } from '#components/skeleton-if-slow.tsx';
import { EXPIRY_PAGE, EXPIRY_PATH } from '#lib/api-accounts/expiry/labels.ts';
import { readExpiryPolicy } from '#lib/api-accounts/expiry/policy.ts';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';
import { NoAccess } from '../no-access.tsx';
import { redirectUnauthorized } from '../redirect-unauthorized.ts';
import { ExpiryHeading } from './expiry-heading.tsx';
import { ExpiryPolicyForm } from './expiry-policy-form.tsx';
import { ExpirySkeleton } from './expiry-skeleton.tsx';

export const metadata = { title: EXPIRY_PAGE };

export default async function ExpiryPage() {
  const access = await requireViewer();
  if (!access.ok) redirectUnauthorized(access, EXPIRY_PATH);
  // A user without a role, whom `redirectUnauthorized` does not redirect, or a viewer.
  if (!access.ok || !access.administrator) {
    return (
      <NoAccess heading={<ExpiryHeading />}>
        Only a Settings Administrator can view this page. Ask one to give you that role.
      </NoAccess>
    );
  }

  return (
    <>
      <ExpiryHeading>
        Access that ends by itself can’t be forgotten. Choose how long API accounts work before someone has to
        extend them.
      </ExpiryHeading>
      <SkeletonIfSlow content={renderExpiry()} skeleton={<ExpirySkeleton />} />
    </>
  );
}

async function renderExpiry() {
  const policy = await readExpiryPolicy(database());
  return <ExpiryPolicyForm policy={policy} now={new Date()} timeZone={settings().organisationTimeZone} />;
}
