import { loadOnce } from '#components/lazy-dialog.tsx';

export const loadNewAccountDialog = loadOnce(
  async () => (await import('./create/new-account-dialog.tsx')).NewAccountDialog,
);
export const loadResetKeyDialog = loadOnce(
  async () => (await import('./reset/reset-key-dialog.tsx')).ResetKeyDialog,
);
