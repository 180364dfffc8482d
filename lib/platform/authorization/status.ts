import type { Refusal } from './roles.ts';

/** The HTTP status of each refusal (RFC 9110, section 15.5). */
export const REFUSAL_STATUS = {
  signed_out: 401,
  wrong_role: 403,
  foreign_request: 403,
  mfa_setup_required: 403,
  local_auth_disabled: 403,
} as const satisfies Record<Refusal['reason'], number>;
