import { dropFetchAccountHeaders } from '../shared/account-headers.ts';
import { type ApiAccount, verify } from '../shared/verify.ts';

export type { ApiAccount };

/**
 * Creates a route handler that rejects requests without a valid key. The key's account is the handler's second
 * argument. Never read it from a header, which every client can send. Do not use this for CORS preflights, which a browser
 * sends without the key.
 * @param requiredScope a scope that the account must have; undefined: none
 */
export function withApiAccount<Context>(
  handle: (request: Request, account: ApiAccount, context: Context) => Response | Promise<Response>,
  requiredScope?: string,
): (request: Request, context: Context) => Promise<Response> {
  return async (request, context) => {
    dropFetchAccountHeaders(request.headers);
    const verification = await verify(
      {
        Authorization: request.headers.get('Authorization'),
        'X-API-Key': request.headers.get('X-API-Key'),
        // Next.js does not know the client's IP address. A proxy in front of it must set this header, because a client
        // can forge it.
        'X-Forwarded-For': request.headers.get('X-Forwarded-For'),
      },
      requiredScope,
    );
    if (!verification.isAllowed) return verification.response;
    const response = await handle(request, verification.account, context);
    const responseWithLimits = new Response(response.body, response);
    for (const [name, value] of verification.headers) responseWithLimits.headers.set(name, value);
    return responseWithLimits;
  };
}
