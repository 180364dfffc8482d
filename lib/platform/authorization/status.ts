import type { Refusal } from './roles.ts';

/** Every reason of a refusal, and what a route answers with it (RFC 9110, 15.5). */
export const REFUSAL_STATUS = {
  signed_out: 401,
  wrong_role: 403,
  foreign_request: 403,
  mfa_setup_required: 403,
  local_auth_disabled: 403,
} as const satisfies Record<Refusal['reason'], number>;
