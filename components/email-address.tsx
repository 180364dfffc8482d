/** Renders an email address that wraps before its @. */
export function EmailAddress({ children }: { children: string }) {
  const at = children.lastIndexOf('@');
  if (at < 1) return <bdi translate="no">{children}</bdi>;
  return (
    <bdi translate="no">
      {children.slice(0, at)}
      <wbr />
      {children.slice(at)}
    </bdi>
  );
}
