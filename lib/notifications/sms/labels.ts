/** The path of the page with the SMS policy, and the page's name in sentences. */
export const TEXT_MESSAGES_PATH = '/settings/text-messages';
export const TEXT_MESSAGES_PAGE = 'Text messages';

/** Why an SMS is blocked if its number is not a mobile number, for the end of a sentence. */
export const UNSUPPORTED_NUMBER = 'this number can’t receive texts';
