/** Names of the services. Each service runs in a separate process and needs only some of the settings. */
export const SERVICE_NAMES = ['web', 'verifier', 'worker'] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];

/**
 * The settings that the verifier gets. It is exposed to the network, so it gets no others, and no secret but the
 * database's password.
 */
export const VERIFIER_SETTINGS = [
  'API_KEY_TAG',
  'DATABASE_URL',
  'HOST',
  'ORGANISATION_NAME',
  'REQUESTS_PER_MINUTE',
  'UNKNOWN_KEYS_PER_MINUTE',
  'VERIFIER_DATABASE_URL',
  'VERIFIER_PORT',
  'VERIFIER_TRUSTED_PROXIES',
  'VERIFIER_WORKERS',
];
