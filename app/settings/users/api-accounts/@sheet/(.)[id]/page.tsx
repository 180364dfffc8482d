import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { redirectUnauthorized } from '../../../../redirect-unauthorized.ts';
import { AccountContent } from '../../editor/account-content.tsx';
import { buildAccountHref, EDITOR_TITLE } from '../../editor/account-href.ts';

export const metadata = { title: EDITOR_TITLE };

export default async function AccountSheetPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const access = await requireViewer();
  if (!access.ok) redirectUnauthorized(access, buildAccountHref(id));
  return <AccountContent id={id} access={access} isSheet />;
}
