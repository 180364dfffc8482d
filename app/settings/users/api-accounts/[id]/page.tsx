import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { redirectUnauthorized } from '../../../redirect-unauthorized.ts';
import { DIALOG_PARAMETER } from '../../../requested-dialog.ts';
import { AccountContent } from '../editor/account-content.tsx';
import { AccountHeading } from '../editor/account-heading.tsx';
import { buildAccountHref, buildResetHref, EDITOR_TITLE } from '../editor/account-href.ts';

export const metadata = { title: EDITOR_TITLE };

type AccountPageProps = {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export default async function AccountPage({ params, searchParams }: AccountPageProps) {
  const { id } = await params;
  const access = await requireViewer();
  if (!access.ok) {
    const opensReset = (await searchParams)[DIALOG_PARAMETER] === 'resetKey';
    redirectUnauthorized(access, opensReset ? buildResetHref(id) : buildAccountHref(id));
  }
  return (
    <>
      <AccountHeading />
      <AccountContent id={id} access={access} />
    </>
  );
}
