const MEANINGS = [
  'A Settings Administrator sees and changes everything here: API accounts, users, text messages, the audit log.',
  'A Settings Viewer sees API accounts and users, and changes nothing.',
];

/** Below the choice of a role: what each may do. `signsOut`: whose role it is will be signed out by saving it. */
export function RoleMeanings({ signsOut = false }: { signsOut?: boolean }) {
  return (
    <>
      {MEANINGS.map((meaning) => (
        <span key={meaning} className="block">
          {meaning}
        </span>
      ))}
      <span role="status" className="mt-1 block font-medium text-ink empty:hidden">
        {signsOut && 'Saved, they are signed out at once, and have the new role when they sign in again.'}
      </span>
    </>
  );
}
