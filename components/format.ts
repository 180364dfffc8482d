/** Formats a whole number as "1,000,000". */
export const formatCount = (count: number) => count.toLocaleString('en-GB');

/** Puts the first letter into upper case and leaves the rest as it is. */
export const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Puts the first letter into lower case and leaves the rest as it is. */
export const uncapitalize = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
