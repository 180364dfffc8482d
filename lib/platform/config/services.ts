/** Names of the services. Each service runs in a separate process and needs only some of the settings. */
export const SERVICE_NAMES = ['web', 'verifier', 'worker'] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];

/**
 * Environment variables that web and worker get and the verifier does not: it is exposed to the network and does not
 * need them.
 */
export const SECRET_VARIABLES = [
  'AUTH_SECRET',
  'OIDC_CLIENT_SECRET',
  'RESEND_API_KEY',
  'RESEND_WEBHOOK_SECRET',
  'SMTP_URL',
  'TWILIO_API_KEY_SECRET',
  'TWILIO_AUTH_TOKEN',
];
