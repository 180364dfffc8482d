import { ROLE_LABELS, type Role } from '#lib/platform/authorization/roles.ts';

const NO_ROLE = 'No role: can only see their own account';

const PERMISSIONS: Record<Role, string> = {
  settings_administrator: 'can view and change everything.',
  settings_viewer: 'can view API accounts and users only.',
};
const ROLES = Object.keys(ROLE_LABELS) as Role[];

/** Formats a role for the middle of a sentence. */
export function formatRole(role: Role | null): string {
  return role ? ROLE_LABELS[role] : 'no role';
}

/** Renders the roles as options, and “no role” with an empty value. */
export function RoleOptions() {
  return (
    <>
      {ROLES.map((role) => (
        <option key={role} value={role}>
          {ROLE_LABELS[role]}
        </option>
      ))}
      <option value="">{NO_ROLE}</option>
    </>
  );
}

type RoleDescriptionProps = {
  /** The OpenID provider whose claim sets roles; null if none does. */
  provider: string | null;
  /** Whether an SSO account at that provider is linked to the user. */
  isLinked: boolean;
};

/** Describes what each role may do, and, if a claim at the provider sets the role, how long a role set here lasts. */
export function RoleDescription({ provider, isLinked }: RoleDescriptionProps) {
  return (
    <>
      {ROLES.map((role) => (
        <span key={role} className="block">{`${ROLE_LABELS[role]}: ${PERMISSIONS[role]}`}</span>
      ))}
      {provider && (
        <span className="mt-1 block break-words">
          {isLinked
            ? `This user gets their role from ${provider} each time they sign in, so change it there. A role you choose here lasts only until then.`
            : `Anyone who signs in with ${provider} gets their role from there, whatever you choose here.`}
        </span>
      )}
    </>
  );
}
