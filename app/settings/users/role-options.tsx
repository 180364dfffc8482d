const NOBODY = 'None: only their own account';

/** The roles to choose from; no role is an empty value. */
export function RoleOptions() {
  return (
    <>
      <option value="settings_administrator">Settings Administrator</option>
      <option value="settings_viewer">Settings Viewer</option>
      <option value="">{NOBODY}</option>
    </>
  );
}
