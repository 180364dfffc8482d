import { withApiAccount } from './with-api-account.ts';

/**
 * Responds with what it received, as an example API: run by the tests, and to try `with-api-account.ts`, for example as
 * app/api/[...path]/route.ts.
 */
const handle = withApiAccount(async (request, account) => {
  const { pathname, search } = new URL(request.url);
  return Response.json({
    method: request.method,
    url: pathname + search,
    account,
    body: await request.text(),
  });
});

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST, handle as PUT };
