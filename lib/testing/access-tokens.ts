import type { Database } from '#db/client.ts';
import { createAccessToken } from '#lib/access-tokens/create.ts';
import { requireAccessToken } from '#lib/access-tokens/require-access-token.ts';
import type { AccessTokenActor, AccessTokenScope } from '#lib/platform/authorization/actor.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAdministrator } from './accounts.ts';

/** The IP address of requests with an access token. */
export const TOKEN_IP_ADDRESS = '198.51.100.23';

/** Creates an access token for the management API, by a new administrator if none is given. */
export async function createTestAccessToken(
  database: Database,
  scopes: AccessTokenScope[],
  { name = 'Onboarding script', administrator }: { name?: string; administrator?: Administrator } = {},
) {
  const creator = administrator ?? (await createTestAdministrator(database));
  const created = await createAccessToken(database, creator, { name, scopes, days: 90 });
  if (!created.ok) throw new Error(created.reason);
  return { id: created.id, token: created.token, name };
}

/** Builds what `requireAccessToken` reads of a request with an access token. */
export const createTokenRequest = (token: string) => ({
  headers: new Headers({ Authorization: `Bearer ${token}`, 'x-stagedoor-address': TOKEN_IP_ADDRESS }),
});

/** Creates an access token, and returns it as the actor of a request. */
export async function createTestActor<Scope extends AccessTokenScope>(
  database: Database,
  scope: Scope,
): Promise<AccessTokenActor<Scope>> {
  const { token } = await createTestAccessToken(database, [scope]);
  const result = await requireAccessToken(createTokenRequest(token), scope, { database });
  if (!result.ok) throw new Error(String(result.response.status));
  return result.actor;
}
