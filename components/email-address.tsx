/** An email address that breaks before its @ where the line is too short for all of it. */
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
