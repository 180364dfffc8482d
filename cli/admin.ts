import { runCommand } from './command.ts';
import { manageUsers } from './manage-users.ts';

await runCommand(manageUsers);
