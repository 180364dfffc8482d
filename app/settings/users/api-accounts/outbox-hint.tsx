/** Shown after sending if the messages went to the outbox instead of to people. */
export const OUTBOX_HINT = (
  <span>
    The messages weren’t sent to anyone.{' '}
    <a href="/outbox" className="font-medium underline underline-offset-2">
      Read both messages in the outbox
    </a>
    .
  </span>
);
