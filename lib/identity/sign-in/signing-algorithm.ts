/** Signatures with a private key (RFC 7518, 3.1; RFC 8037, 3.1). An HMAC would make the client secret a signing key. */
const ACCEPTED_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512'],
  ...['PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512'],
  'EdDSA',
];
/** The algorithm of a provider that announces none (OpenID Connect Core 1.0, section 3.1.3.7). */
const DEFAULT_ALGORITHM = 'RS256';

/** Thrown if the ID token is signed with an algorithm that is not accepted. */
export class SigningAlgorithmError extends Error {
  override name = 'SigningAlgorithmError';
}

/** Reads the algorithm from the header of a JWT; undefined if the header is malformed. */
function readAlgorithm(jwt: string): unknown {
  try {
    const header: unknown = JSON.parse(Buffer.from(jwt.split('.', 1)[0] ?? '', 'base64url').toString());
    return header !== null && typeof header === 'object' && 'alg' in header ? header.alg : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns the algorithm of an ID token.
 * @param announced what the discovery document says (`id_token_signing_alg_values_supported`)
 * @throws SigningAlgorithmError if the provider does not announce it, or if it is `none` or an HMAC
 */
function chooseAlgorithm(jwt: string, announced: unknown): string {
  const algorithm = readAlgorithm(jwt);
  const announcedAlgorithms: unknown[] = Array.isArray(announced) ? announced : [DEFAULT_ALGORITHM];
  const accepted = ACCEPTED_ALGORITHMS.find(
    (name) => name === algorithm && announcedAlgorithms.includes(name),
  );
  if (accepted) return accepted;
  throw new SigningAlgorithmError(
    `The ID token is signed with ${JSON.stringify(algorithm ?? null)}. Set the ID token signing algorithm of this client ` +
      `(id_token_signed_response_alg) at the provider to ${DEFAULT_ALGORITHM}, or to another of ` +
      `${ACCEPTED_ALGORITHMS.join(', ')} that its discovery document announces.`,
  );
}

/** The part of openid-client's `Client` that this file uses. Its types omit `validateJWT`. */
type TokenValidator = {
  issuer: { metadata: Record<string, unknown> };
  validateJWT?: (jwt: string, expectedAlgorithm: string, ...rest: unknown[]) => Promise<unknown>;
};

/**
 * Makes a client accept ID tokens that are signed with any asymmetric algorithm which the provider announces.
 *
 * openid-client accepts one algorithm per client, which must be configured before the token is known. Providers announce
 * several. So this chooses the expected algorithm by the token; the key must still be one of the provider's for it.
 */
export function acceptAnnouncedAlgorithms(client: object): void {
  const validator = client as TokenValidator;
  const validateJwt = validator.validateJWT?.bind(client);
  if (!validateJwt) throw new Error('openid-client has no validateJWT');
  const announced = validator.issuer.metadata.id_token_signing_alg_values_supported;
  validator.validateJWT = async (jwt, _expectedAlgorithm, ...rest) =>
    validateJwt(jwt, chooseAlgorithm(jwt, announced), ...rest);
}
