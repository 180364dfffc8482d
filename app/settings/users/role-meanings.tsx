const MEANINGS = [
  'A Settings Administrator sees and changes everything here: API accounts, users, text messages, the audit log.',
  'A Settings Viewer sees API accounts and users, and changes nothing.',
];

/** Below the choice of a role: what each may do. */
export function RoleMeanings() {
  return (
    <>
      {MEANINGS.map((meaning) => (
        <span key={meaning} className="block">
          {meaning}
        </span>
      ))}
    </>
  );
}
