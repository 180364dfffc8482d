/** The keys of the drafts. */
export const DRAFT_KEYS = {
  newAccount: 'new-account',
  account: (id: string) => `account.${id}`,
  invite: 'invite',
  user: (id: string) => `user.${id}`,
  ownName: 'own-name',
  smsPolicy: 'sms-policy',
  newScope: 'new-scope',
  newAccessToken: 'new-access-token',
  newWebhookEndpoint: 'new-webhook-endpoint',
  webhookEndpoint: (id: string) => `webhook-endpoint.${id}`,
  scope: (name: string) => `scope.${name}`,
  expiryPolicy: 'expiry-policy',
  newPasskey: 'new-passkey',
  passkey: (id: string) => `passkey.${id}`,
  signIn: 'sign-in',
  forgottenPassword: 'forgotten-password',
  setPassword: 'set-password',
} as const;

/** The owner of drafts on pages for people who are not signed in. */
export const ANYONE = 'anyone';
