'use client';
import { LogOut } from 'lucide-react';
import { unstable_rethrow } from 'next/navigation';
import { useTransition } from 'react';
import { type ToastMessage, useToast } from '#components/toast.tsx';
import { STAGEDOOR_UPDATED } from '#components/update-notice.tsx';
import { removeDrafts } from '../drafts/draft-storage.ts';
import { isOutdated } from '../request-errors.ts';
import { signOut } from './actions.ts';

const STILL_SIGNED_IN: ToastMessage = { tone: 'danger', title: 'You’re still signed in' };
const OUTDATED_MESSAGE = { ...STILL_SIGNED_IN, description: `${STAGEDOOR_UPDATED} Then sign out.` };
const UNKNOWN_MESSAGE: ToastMessage = {
  tone: 'danger',
  title: 'You may still be signed in',
  description: 'We couldn’t confirm that you were signed out. Try again.',
};

/** Signs the user out. Does not use a form, because that would send a multipart body, which the server rejects. */
export function SignOutButton() {
  const [isPending, startTransition] = useTransition();
  const toast = useToast();

  async function signOutHere() {
    removeDrafts();
    try {
      const refusal = await signOut();
      if (refusal) toast({ ...STILL_SIGNED_IN, description: refusal.message });
    } catch (error) {
      // Next.js throws to redirect to the sign-in page.
      unstable_rethrow(error);
      toast(isOutdated(error) ? OUTDATED_MESSAGE : UNKNOWN_MESSAGE);
    }
  }

  return (
    <button
      type="button"
      disabled={isPending}
      onClick={() => startTransition(signOutHere)}
      className="flex min-h-10 w-full shrink-0 items-center gap-2.5 rounded-md px-2.5 font-medium transition-colors hover:bg-sidebar-raised mt-2 lg:min-h-9"
    >
      <LogOut aria-hidden="true" className="size-4 shrink-0 text-sidebar-muted" />
      <span>Sign out</span>
    </button>
  );
}
