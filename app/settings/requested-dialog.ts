import { ACCESS_TOKENS_PATH, SCOPES_PATH, WEBHOOKS_PATH } from './settings-pages.ts';

/** The dialogs that a URL can open, by the page that they belong to. Only for administrators. */
export const REQUESTED_DIALOGS = {
  newAccount: { label: 'New API Account', path: '/settings/users/api-accounts' },
  invite: { label: 'Invite a user', path: '/settings/users' },
  newScope: { label: 'New scope', path: SCOPES_PATH },
  newAccessToken: { label: 'New access token', path: ACCESS_TOKENS_PATH },
  newWebhookEndpoint: { label: 'New webhook endpoint', path: WEBHOOKS_PATH },
} as const;

export type RequestedDialog = keyof typeof REQUESTED_DIALOGS;

export const DIALOG_PARAMETER = 'dialog';

/** Returns the URL that opens the dialog on its page. */
export const buildDialogHref = (dialog: RequestedDialog) =>
  `${REQUESTED_DIALOGS[dialog].path}?${DIALOG_PARAMETER}=${dialog}`;
