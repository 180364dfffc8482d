'use client';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { Skeleton, SkeletonBox, SkeletonField } from '#components/skeleton.tsx';
import { REAUTH_TITLE } from '#lib/identity/mfa/schema.ts';
import { ActionFailure } from '../action-failure.tsx';
import type { ReauthPrompt } from '../use-server-action.ts';
import { ReauthForm } from './reauth-form.tsx';
import { useReauthMethods } from './use-reauth.ts';

/** Asks the user to re-authenticate. */
export function ReauthPromptDialog({ isOpen, onDone }: ReauthPrompt) {
  return (
    <Dialog
      open={isOpen}
      onOpenChange={() => onDone(false)}
      title={REAUTH_TITLE}
      description="We check this for security. Then we’ll carry on where you left off."
    >
      <ReauthDialogContent onDone={onDone} />
    </Dialog>
  );
}

function ReauthDialogContent({ onDone }: Pick<ReauthPrompt, 'onDone'>) {
  const { methods, failure } = useReauthMethods();
  if (failure) return <ActionFailure failure={failure} />;
  if (!methods) {
    return (
      <Skeleton className="grid gap-4">
        <SkeletonField label="Your password" />
        <DialogButtons>
          <SkeletonBox className="h-10 w-20 sm:h-9" />
          <SkeletonBox className="h-10 w-22 sm:h-9" />
        </DialogButtons>
      </Skeleton>
    );
  }
  return <ReauthForm methods={methods} onDone={onDone} />;
}
