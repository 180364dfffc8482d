import type { Role } from '#lib/platform/authorization/roles.ts';

const NOBODY = 'None: only their own account';

const LABELS: Record<Role, string> = {
  settings_administrator: 'Settings Administrator',
  settings_viewer: 'Settings Viewer',
};

/** A role as the options call it, within a sentence. */
export function formatRole(role: Role | null): string {
  return role ? LABELS[role] : 'no role';
}

/** The roles to choose from; no role is an empty value. */
export function RoleOptions() {
  return (
    <>
      {Object.entries(LABELS).map(([role, label]) => (
        <option key={role} value={role}>
          {label}
        </option>
      ))}
      <option value="">{NOBODY}</option>
    </>
  );
}
