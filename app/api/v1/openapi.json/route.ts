import { handleOperation, refuseOtherMethods } from '#lib/management-api/handle-operation.ts';
import { getDocument, getOpenApiDocument } from '#lib/management-api/openapi.ts';

// It describes the API, and contains no data, so it needs no access token.
export const GET = handleOperation(getDocument, null, async () => ({
  ok: true,
  body: { ...getOpenApiDocument() },
}));

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOtherMethods('GET');
