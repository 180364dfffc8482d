/** What the query string of a request at `/verify` says. */
export type VerifyParameters = {
  /**
   * `?test=true`: the key page tests the key. Needs no protection: without a first use, the previous key ends at its time,
   * as if the new key were not used.
   */
  isTest: boolean;
};

/** Most requests have no query string. */
export const NO_PARAMETERS: VerifyParameters = { isTest: false };

/** Parses a query string. Ignores other parameters: a gateway may append those of the client's request. */
export function parseVerifyParameters(query: string): VerifyParameters {
  const parameters = new URLSearchParams(query);
  return { isTest: parameters.get('test') === 'true' };
}
