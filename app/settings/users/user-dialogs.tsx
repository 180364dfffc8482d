'use client';
import { Plus } from 'lucide-react';
import { createContext, type ReactNode, use, useMemo, useState } from 'react';
import { Button } from '#components/button.tsx';
import { EmailAddress } from '#components/email-address.tsx';
import type { UserSummary } from '#lib/identity/users/schema.ts';
import { EditUserDialog } from './edit-user-dialog.tsx';
import { InviteDialog } from './invite-dialog.tsx';

type Openers = { invite: () => void; edit: (user: UserSummary) => void };

const OpenersContext = createContext<Openers | null>(null);

function useOpeners(): Openers {
  const openers = use(OpenersContext);
  if (!openers) throw new Error('this is for what stands inside UserDialogs');
  return openers;
}

/** `opening` counts how often a dialog was opened. `user`: whose editor was opened last. */
type Shown = { what: 'invite' | 'edit' | null; user: UserSummary | null; opening: number };

type UserDialogsProps = { self: string; roleProvider: string | null; children: ReactNode };

/**
 * Holds the two dialogs of the list. An editor keeps the user as they were when it was opened.
 * @param self the id of whoever is signed in
 * @param roleProvider the OpenID provider whose claim gives roles; null where none does
 */
export function UserDialogs({ self, roleProvider, children }: UserDialogsProps) {
  const [shown, setShown] = useState<Shown>({ what: null, user: null, opening: 0 });
  const openers = useMemo<Openers>(
    () => ({
      invite: () => setShown(({ user, opening }) => ({ what: 'invite', user, opening: opening + 1 })),
      edit: (user) => setShown(({ opening }) => ({ what: 'edit', user, opening: opening + 1 })),
    }),
    [],
  );
  const { what, user, opening } = shown;
  // An answer that comes late closes the dialog that asked, and none that was opened meanwhile.
  const close = () => setShown((now) => (now.opening === opening ? { ...now, what: null } : now));
  return (
    <OpenersContext value={openers}>
      {children}
      <InviteDialog open={what === 'invite'} roleProvider={roleProvider} onClose={close} />
      {user && <EditUserDialog open={what === 'edit'} onClose={close} user={user} own={user.id === self} />}
    </OpenersContext>
  );
}

/** Opens the dialog for an invitation. */
export function InviteButton() {
  const { invite } = useOpeners();
  return (
    <Button variant="primary" onClick={invite}>
      <Plus aria-hidden="true" />
      Invite a user
    </Button>
  );
}

/** The email address, which opens the editor. */
export function EditUserButton({ user }: { user: UserSummary }) {
  const { edit } = useOpeners();
  return (
    <button
      type="button"
      onClick={() => edit(user)}
      className="max-w-full break-words rounded-sm text-start font-medium underline decoration-edge/70 underline-offset-4 hover:decoration-2 hover:decoration-accent"
    >
      <EmailAddress>{user.email}</EmailAddress>
    </button>
  );
}
