/** The path of the page with the expiry policy, and the page's name in sentences. */
export const EXPIRY_PATH = '/settings/expiry';
export const EXPIRY_PAGE = 'Expiry';
