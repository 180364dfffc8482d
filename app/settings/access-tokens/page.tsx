import type { ReactNode } from 'react';
import { SkeletonBox } from '#components/skeleton.tsx';
import { SkeletonIfSlow } from '#components/skeleton-if-slow.tsx';
import { listAccessTokens } from '#lib/access-tokens/list.ts';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { ROLE_LABELS, type Viewer } from '#lib/platform/authorization/roles.ts';
import { database } from '#lib/platform/database.ts';
import { NoAccess } from '../no-access.tsx';
import { redirectUnauthorized } from '../redirect-unauthorized.ts';
import { ACCESS_TOKENS_PATH } from '../settings-pages.ts';
import { NewTokenButton, TokenDialogs } from './token-dialogs.tsx';
import { TokensHeading } from './tokens-heading.tsx';
import { EndedTokens, NoTokens, TokensSkeleton, TokensTable } from './tokens-table.tsx';

export const metadata = { title: 'Access tokens' };

export default async function AccessTokensPage() {
  const access = await requireViewer();
  if (!access.ok) {
    redirectUnauthorized(access, ACCESS_TOKENS_PATH);
    return <NoAccess heading={<TokensHeading />}>{access.message}</NoAccess>;
  }
  const canEdit = access.administrator !== null;
  return (
    <SkeletonIfSlow
      content={renderTokens(access.viewer, canEdit)}
      skeleton={
        <>
          <Heading canEdit={canEdit} action={canEdit && <SkeletonBox />} />
          <TokensSkeleton canEdit={canEdit} />
        </>
      }
    />
  );
}

function Heading({ canEdit, action }: { canEdit: boolean; action: ReactNode }) {
  return (
    <TokensHeading action={action}>
      {canEdit
        ? 'With an access token, a program can manage API accounts as you do. Tokens belong to your organisation, so they keep working when the person who created them leaves.'
        : `Programs use these to manage API accounts. You can view them. A ${ROLE_LABELS.settings_administrator} can create and revoke them.`}
    </TokensHeading>
  );
}

async function renderTokens(viewer: Viewer, canEdit: boolean) {
  const tokens = await listAccessTokens(database(), viewer);
  const now = new Date();
  const valid = tokens.filter(({ state }) => state === 'valid');
  const ended = tokens.filter(({ state }) => state !== 'valid');
  return (
    <TokenDialogs>
      <Heading canEdit={canEdit} action={canEdit && <NewTokenButton />} />
      <div className="grid gap-6">
        {valid.length === 0 ? (
          <NoTokens canEdit={canEdit} />
        ) : (
          <TokensTable tokens={valid} now={now} canEdit={canEdit} />
        )}
        {ended.length > 0 && <EndedTokens tokens={ended} now={now} />}
      </div>
    </TokenDialogs>
  );
}
