import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Sent } from './sent.ts';

const contentSchema = z.object({
  channel: z.enum(['email', 'sms']),
  to: z.string(),
  subject: z.string().nullable(),
  text: z.string(),
  html: z.string().nullable(),
  /** ISO 8601. */
  sentAt: z.string(),
});

/** A message in the outbox. The file holds all of it but the id, which stands in its name. */
export type OutboxMessage = z.infer<typeof contentSchema> & { id: string };

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const FILE_NAME = new RegExp(
  `^\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d\\.\\d{3}Z-(?:email|sms)-(?<id>${UUID})\\.json$`,
);

/** Where the outbox is: inside the data folder, STAGEDOOR_DATA. */
export function outboxFolder(dataFolder: string): string {
  return path.join(dataFolder, 'outbox');
}

/** Names of messages, oldest first; anything else in the folder is not ours. */
async function messageNames(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => FILE_NAME.test(name)).sort();
}

async function writeWhole(folder: string, name: string, content: string): Promise<void> {
  const temporary = path.join(folder, `.${randomUUID()}.part`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path.join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function write(folder: string, message: Omit<OutboxMessage, 'sentAt'>, now: Date): Promise<void> {
  const { id, channel, to, subject, text, html } = message;
  const sentAt = now.toISOString();
  const ending = `-${channel}-${id}.json`;
  const name = `${sentAt.replaceAll(':', '-')}${ending}`;
  if (!FILE_NAME.test(name)) throw new Error('the id of a message must be a UUID in small letters');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const sameMessage = async () => (await messageNames(folder)).filter((other) => other.endsWith(ending));
  if ((await sameMessage()).length > 0) return;
  const content = { channel, to, subject, text, html, sentAt } satisfies z.infer<typeof contentSchema>;
  await writeWhole(folder, name, `${JSON.stringify(content)}\n`);
  // Two workers may have come past the look above together: the earliest file stays, whoever cleans up.
  const [, ...later] = await sameMessage();
  for (const other of later) await rm(path.join(folder, other), { force: true });
}

/**
 * Writes a message into the outbox, whole or not at all. A message whose id is there already counts as sent.
 * The folder is made where it is missing; only its owner can read it, since it holds links and codes.
 */
export async function writeToOutbox(
  folder: string,
  message: Omit<OutboxMessage, 'sentAt'>,
  now = new Date(),
): Promise<Sent> {
  try {
    await write(folder, message, now);
    return { ok: true, provider: 'outbox', providerId: null };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (typeof code !== 'string') throw error;
    return { ok: false, retry: true, reason: `The outbox cannot be written (${code}).` };
  }
}

async function readMessage(folder: string, name: string): Promise<OutboxMessage | null> {
  const id = FILE_NAME.exec(name)?.groups?.id ?? '';
  try {
    const content = contentSchema.parse(JSON.parse(await readFile(path.join(folder, name), 'utf8')));
    return { id, ...content };
  } catch {
    // Removed since the folder was listed, or not written by us: neither is worth failing for.
    return null;
  }
}

/** The newest messages of the outbox, newest first, at most `limit`. None where there is no such folder. */
export async function readOutbox(folder: string, limit = 1_000): Promise<OutboxMessage[]> {
  const names = await messageNames(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const messages: OutboxMessage[] = [];
  // One after the other: a thousand files opened at once may be more than the process is allowed.
  for (const name of names.reverse().slice(0, limit)) {
    const message = await readMessage(folder, name);
    if (message) messages.push(message);
  }
  return messages;
}
