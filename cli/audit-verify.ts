import { checkAuditLog } from './check-audit-log.ts';
import { runCommand } from './command.ts';

await runCommand(checkAuditLog);
