/** Says that messages went to the outbox instead of to people, and links it. */
export const IN_OUTBOX = (
  <span>
    Nothing was really sent.{' '}
    <a href="/outbox" className="font-medium underline underline-offset-2">
      Read both messages in the outbox
    </a>
    .
  </span>
);
