'use client';
import { LogOut } from 'lucide-react';
import { useTransition } from 'react';
import { signOut } from './actions.ts';

/** Signs the user out. Does not use a form, because that would send a multipart body, which the server rejects. */
export function SignOutButton() {
  const [isPending, startTransition] = useTransition();
  return (
    <button
      type="button"
      disabled={isPending}
      onClick={() => startTransition(() => signOut())}
      className="flex min-h-10 w-full shrink-0 items-center gap-2.5 rounded-md px-2.5 font-medium transition-colors hover:bg-sidebar-raised lg:mt-2 lg:min-h-9"
    >
      <LogOut aria-hidden="true" className="size-4 shrink-0 text-sidebar-muted" />
      <span>Sign out</span>
    </button>
  );
}
