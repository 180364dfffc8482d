const COLUMNS = [
  { name: 'username', text: 'The company’s name. Required.' },
  { name: 'email', text: 'Where the link is sent. Required.' },
  { name: 'phone', text: 'A mobile number with its country code, where the code is sent. Required.' },
  { name: 'requestsPerMinute', text: 'A whole number, or none. Empty: the organisation’s default.' },
  { name: 'scopes', text: 'Names with spaces or commas between them, or all. Empty: full access.' },
  { name: 'allowedNetworks', text: 'IP addresses and ranges, or anywhere. Empty: anywhere.' },
  {
    name: 'expiresAt',
    text: 'A time with its zone, such as 2027-01-31T23:59:59Z, or never. Empty: as in Settings › Expiry.',
  },
  { name: 'notes', text: 'Notes of administrators.' },
  { name: 'phoneConfirmed', text: 'true accepts a mobile number that the numbering plans don’t contain.' },
];

/** Describes the columns of a file. */
export function ImportColumns() {
  return (
    <section aria-labelledby="columns" className="rounded-lg border border-line bg-surface p-5 shadow-card">
      <h2 id="columns" className="font-semibold text-xl tracking-tight">
        Columns of the file
      </h2>
      <p className="mt-1 text-muted">
        The first row has the names of the columns, in any order. The command line client imports the same
        files.
      </p>
      <dl className="mt-4 grid gap-x-6 sm:grid-cols-[auto_minmax(0,1fr)] sm:gap-y-2">
        {COLUMNS.map(({ name, text }) => (
          <div key={name} className="contents">
            <dt className="wrap-anywhere font-medium" translate="no">
              {name}
            </dt>
            <dd className="min-w-0 max-sm:mb-3">{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
