import { withApiAccount } from '../with-api-account.ts';

const CORS_HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'DELETE, GET, PATCH, POST, PUT',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, X-API-Key',
};

/**
 * Responds with what it received, as an example API: run by the tests, and to try the wrapper, for example as
 * app/api/[...path]/route.ts.
 */
const handle = withApiAccount(async (request, account) => {
  const { pathname, search } = new URL(request.url);
  const [headers, body] = [[...request.headers], await request.text()];
  const echo = { method: request.method, url: pathname + search, account, headers, body };
  return Response.json(echo, { headers: CORS_HEADERS });
});

/** Responds to CORS preflights, which a browser sends without the key. */
async function handleOptions(request: Request, context: unknown): Promise<Response> {
  const { headers } = request;
  const isPreflight =
    headers.has('Origin') &&
    headers.has('Access-Control-Request-Method') &&
    !Number(headers.get('Content-Length')) &&
    !headers.has('Transfer-Encoding');
  return isPreflight ? new Response(null, { status: 204, headers: CORS_HEADERS }) : handle(request, context);
}

export {
  handle as DELETE,
  handle as GET,
  handle as PATCH,
  handle as POST,
  handle as PUT,
  handleOptions as OPTIONS,
};
