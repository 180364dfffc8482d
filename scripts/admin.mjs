import { runUnderNewerNode } from './node-version.mjs';

// Everything else is imported only after this: it may use what older Nodes do not have.
if (!(await runUnderNewerNode(import.meta.url))) {
  const { manageUsers } = await import('./manage-users.mjs');
  await manageUsers(process.argv.slice(2));
}
