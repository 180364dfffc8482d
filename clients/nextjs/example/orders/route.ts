import { withApiAccount } from '../../with-api-account.ts';

/** Responds with what it received, to accounts with a scope: an example of a path that requires one. */
export const GET = withApiAccount((request, account) => {
  const { pathname, search } = new URL(request.url);
  return Response.json({ method: request.method, url: pathname + search, account, body: '' });
}, 'orders:read');
