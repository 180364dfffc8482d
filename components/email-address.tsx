type EmailAddressProps = {
  children: string;
  /** Classes of the part from the @, which then wraps only as they say. */
  domainClass?: string;
};

/** Renders an email address that wraps before its @. */
export function EmailAddress({ children, domainClass }: EmailAddressProps) {
  const at = children.lastIndexOf('@');
  if (at < 1) return <bdi translate="no">{children}</bdi>;
  return (
    <bdi translate="no">
      <span>{children.slice(0, at)}</span>
      {!domainClass && <wbr />}
      <span className={domainClass}>{children.slice(at)}</span>
    </bdi>
  );
}
