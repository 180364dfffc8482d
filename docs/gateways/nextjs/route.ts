import { withApiAccount } from './with-api-account.ts';

/** Handles all requests, for example as app/api/[...path]/route.ts. */
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
