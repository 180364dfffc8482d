import path from 'node:path';
import { build } from './checkout.ts';

/** Vitest's global set-up: builds the programs of the services, which tests start as processes of their own. */
export default () => build(path.join(import.meta.dirname, '..'), { parts: ['programs'] });
