import { runCommand } from './command.ts';
import { seedDatabase } from './seed-database.ts';

await runCommand(seedDatabase);
