import { config } from 'zod/v4/core';

/*
 * Next.js runs this in the browser before everything else. Keeps Zod from testing whether it may compile code: the
 * Content Security Policy forbids that, and Firefox would report an error on each page.
 */
config({ jitless: true });
