'use client';
import { LazyDialog, loadOnce } from '#components/lazy-dialog.tsx';
import type { ReauthPrompt } from '../use-server-action.ts';

const loadDialog = loadOnce(async () => (await import('./reauth-prompt-dialog.tsx')).ReauthPromptDialog);

/**
 * Asks the user to re-authenticate, over the dialog whose action requires it.
 * Render it inside that dialog, which then stays open and keeps what was typed.
 */
export function ReauthDialog(prompt: ReauthPrompt) {
  return (
    <LazyDialog
      load={loadDialog}
      isOpen={prompt.isOpen}
      onCancel={() => prompt.onDone(false)}
      props={prompt}
    />
  );
}
