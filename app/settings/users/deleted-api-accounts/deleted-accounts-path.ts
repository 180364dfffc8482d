export const DELETED_ACCOUNTS_PATH = '/settings/users/deleted-api-accounts';
