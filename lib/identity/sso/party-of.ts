/** The two that an identity at a provider is made of, of which the issuer has no space. Neither is a secret. */
export function parseIdentity(issuerAndSubject: string): { issuer: string; subject: string } {
  const space = issuerAndSubject.indexOf(' ');
  return { issuer: issuerAndSubject.slice(0, space), subject: issuerAndSubject.slice(space + 1) };
}
