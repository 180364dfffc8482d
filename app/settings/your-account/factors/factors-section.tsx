import { Notice } from '#components/notice.tsx';
import { listFactors } from '#lib/identity/mfa/list.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { database } from '#lib/platform/database.ts';
import { FactorPanels } from './factor-panels.tsx';

/** Shows the user's second factors. */
export async function FactorsSection({ user }: { user: CurrentUser }) {
  const factors = await listFactors(database(), user.userId);
  return (
    <section aria-labelledby="factors-heading" className="grid gap-4">
      <div>
        <h2 id="factors-heading" className="font-semibold text-xl tracking-tight">
          Two-step sign-in
        </h2>
        <p className="mt-1 max-w-2xl text-muted">
          Protects your account even if someone learns your password.
        </p>
      </div>
      {user.isMfaSetupRequired && (
        <Notice tone="warning" title="Set up two-step sign-in to continue">
          <p>Your organisation requires it. Add a passkey or an authenticator app.</p>
        </Notice>
      )}
      <FactorPanels factors={factors} now={new Date()} />
    </section>
  );
}
