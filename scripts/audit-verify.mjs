import { runUnderNewerNode } from './node-version.mjs';

// Everything else is imported only after this: it may use what older Nodes do not have.
if (!(await runUnderNewerNode(import.meta.url))) {
  const { checkAuditLog } = await import('./check-audit-log.mjs');
  await checkAuditLog(process.argv.slice(2));
}
