import type { UserSummary } from '#lib/users/schema.ts';

/** Says how long a role lasts that is chosen by hand, where a claim at the provider gives it. */
export function RoleByClaim({ user: { provider, roleByClaim } }: { user: UserSummary }) {
  if (!roleByClaim) return null;
  return (
    <span className="mt-1 block break-words">
      The role of this user comes from {provider}. What you choose here lasts until they next sign in there:
      to change it for good, change it there.
    </span>
  );
}
