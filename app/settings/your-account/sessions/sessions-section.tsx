import { listSessions } from '#lib/identity/sessions/list-sessions.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { database } from '#lib/platform/database.ts';
import { SessionList } from './session-list.tsx';

/** Lists the user's active sessions, with buttons that end them. */
export async function SessionsSection({ user }: { user: CurrentUser }) {
  const sessions = await listSessions(database(), user);
  return (
    <section aria-labelledby="sessions-heading" className="grid gap-4">
      <div>
        <h2 id="sessions-heading" className="font-semibold text-xl tracking-tight">
          Where you’re signed in
        </h2>
        <p className="mt-1 max-w-2xl text-muted">
          Don’t recognise one? Sign it out and change your password.
        </p>
      </div>
      <SessionList sessions={sessions} now={new Date()} />
    </section>
  );
}
