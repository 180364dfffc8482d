import type { ReactNode } from 'react';
import { AccountSheet } from '../../editor/account-sheet.tsx';

type LayoutProps = { children: ReactNode; params: Promise<{ id: string }> };

export default async function AccountSheetLayout({ children, params }: LayoutProps) {
  return <AccountSheet accountId={(await params).id}>{children}</AccountSheet>;
}
