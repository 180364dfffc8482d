import type { ReactNode } from 'react';
import { SkeletonBox } from '#components/skeleton.tsx';
import { SkeletonIfSlow } from '#components/skeleton-if-slow.tsx';
import { listScopes } from '#lib/api-accounts/scopes/list.ts';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { type Administrator, ROLE_LABELS } from '#lib/platform/authorization/roles.ts';
import { database } from '#lib/platform/database.ts';
import { NoAccess } from '../no-access.tsx';
import { redirectUnauthorized } from '../redirect-unauthorized.ts';
import { SCOPES_PATH } from '../settings-pages.ts';
import { NewScopeButton, ScopeDialogs } from './scope-dialogs.tsx';
import { ScopesHeading } from './scopes-heading.tsx';
import { NoScopes, RetiredScopes, ScopesSkeleton, ScopesTable } from './scopes-table.tsx';

export const metadata = { title: 'Scopes' };

export default async function ScopesPage() {
  const access = await requireViewer();
  if (!access.ok) redirectUnauthorized(access, SCOPES_PATH);
  if (!access.ok || !access.administrator) {
    return (
      <NoAccess heading={<ScopesHeading />}>
        {`Only a ${ROLE_LABELS.settings_administrator} can view this page. Ask one to give you that role.`}
      </NoAccess>
    );
  }
  return (
    <SkeletonIfSlow
      content={renderScopes(access.administrator)}
      skeleton={
        <>
          <Heading action={<SkeletonBox />} />
          <ScopesSkeleton />
        </>
      }
    />
  );
}

function Heading({ action }: { action: ReactNode }) {
  return (
    <ScopesHeading action={action}>
      Name the parts of your API, so that you can give an account some of them and not others.
    </ScopesHeading>
  );
}

async function renderScopes(administrator: Administrator) {
  const scopes = await listScopes(database(), administrator);
  const active = scopes.filter(({ retiredAt }) => retiredAt === null);
  const retired = scopes.filter(({ retiredAt }) => retiredAt !== null);
  return (
    <ScopeDialogs scopes={active}>
      <Heading action={<NewScopeButton />} />
      <div className="grid gap-6">
        {active.length === 0 ? <NoScopes /> : <ScopesTable scopes={active} />}
        {retired.length > 0 && <RetiredScopes scopes={retired} />}
      </div>
    </ScopeDialogs>
  );
}
