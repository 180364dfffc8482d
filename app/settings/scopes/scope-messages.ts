export const MISSING_SCOPE = 'This scope was retired in the meantime. Reload the page.';
