import { AccountSkeleton } from '../../editor/account-skeleton.tsx';

export default function AccountSheetLoading() {
  return <AccountSkeleton isSheet />;
}
