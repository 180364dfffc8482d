const LINK = /(https?:\/\/[^\s<>"]+)/;

/** The code in a text message: its last line is `@host #code`. */
export function codeIn(text: string): string | null {
  return /^@\S+ #(\d{6})$/m.exec(text)?.[1] ?? null;
}

/** A plain text whose links can be followed. */
export function LinkedText({ text }: { text: string }) {
  // Split by a pattern with one group, every second part is a link.
  return text.split(LINK).map((part, index) => {
    const key = `${index} ${part}`;
    if (index % 2 === 0) return <span key={key}>{part}</span>;
    return (
      <a key={key} href={part} className="break-all font-medium text-info underline underline-offset-2">
        {part}
      </a>
    );
  });
}
