import type { Role } from '#lib/platform/authorization/roles.ts';

const NO_ROLE = 'None: only their own account';

const LABELS: Record<Role, string> = {
  settings_administrator: 'Settings Administrator',
  settings_viewer: 'Settings Viewer',
};

const MEANINGS = [
  'A Settings Administrator sees and changes everything here: API accounts, users, text messages, the audit log.',
  'A Settings Viewer sees API accounts and users, and changes nothing.',
];

/** Formats a role for the middle of a sentence. */
export function formatRole(role: Role | null): string {
  return role ? LABELS[role] : 'no role';
}

/** Renders the roles as options; the value of no role is empty. */
export function RoleOptions() {
  return (
    <>
      {Object.entries(LABELS).map(([role, label]) => (
        <option key={role} value={role}>
          {label}
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
      {MEANINGS.map((meaning) => (
        <span key={meaning} className="block">
          {meaning}
        </span>
      ))}
      {provider && (
        <span className="mt-1 block break-words">
          {isLinked
            ? `The role of this user comes from ${provider}, at each sign-in there: change it there. What you choose here is theirs only until then.`
            : `Whoever signs in with ${provider} has the role that they have there, whatever you choose here.`}
        </span>
      )}
    </>
  );
}
