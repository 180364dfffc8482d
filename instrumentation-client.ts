/*
 * Next.js runs this in the browser before everything else. Keeps Zod from testing whether it may compile code: the
 * Content Security Policy forbids that, and Firefox would report an error on each page. Sets the variable in which Zod
 * keeps its configuration instead of importing Zod, which most pages do not load at first.
 */
const scope = globalThis as { __zod_globalConfig?: { jitless?: boolean } };
scope.__zod_globalConfig ??= {};
scope.__zod_globalConfig.jitless = true;

export {};
