import { respondNotFound } from '#lib/management-api/handle-operation.ts';

// Programs get problem details for a mistyped path too, instead of a page.
export const GET = respondNotFound;
export const POST = respondNotFound;
export const PUT = respondNotFound;
export const PATCH = respondNotFound;
export const DELETE = respondNotFound;
export const OPTIONS = respondNotFound;
