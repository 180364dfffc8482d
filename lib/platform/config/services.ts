/** The services. Each runs in a process of its own and needs only some of the settings. */
export const SERVICE_NAMES = ['web', 'verifier', 'worker'] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Variables that are withheld from the verifier, which is exposed to the network and does not need them. */
export const SECRET_VARIABLES = [
  'AUTH_SECRET',
  'OIDC_CLIENT_SECRET',
  'RESEND_API_KEY',
  'RESEND_WEBHOOK_SECRET',
  'SMTP_URL',
  'TWILIO_API_KEY_SECRET',
  'TWILIO_AUTH_TOKEN',
];
