import { buttonClass } from '#components/button-class.ts';

/** Says how the outbox fills. */
export function EmptyOutbox() {
  return (
    <div className="rounded-xl border border-line border-dashed bg-surface px-6 py-12 text-center">
      <h2 className="font-semibold text-lg">Nothing here yet</h2>
      <p className="mx-auto mt-1 mb-5 max-w-sm text-balance text-muted">
        Create an API account: its email with the link, and its text with the code, appear here a moment
        later.
      </p>
      <a href="/settings/users/api-accounts" className={buttonClass('primary')}>
        Go to API Accounts
      </a>
    </div>
  );
}
