import { createWriteStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type ApiAccount, type KeyDeliveries, StagedoorClient } from '../client.ts';

// An example that a test runs. It gives companies access, follows one of them to its first request, replaces its key while
// the old one works, exports the audit log, and takes all access away:
//   STAGEDOOR_URL=https://keys.example.com STAGEDOOR_TOKEN=stagetok… node lifecycle.ts 12 audit.jsonl

const [count = '12', file = 'audit.jsonl'] = process.argv.slice(2);
const { STAGEDOOR_URL: url = '', STAGEDOOR_TOKEN: token = '', POLL_MS = '5000' } = process.env;
// With more accounts than the token may send requests in a minute, the client waits as Retry-After says.
const stagedoor = new StagedoorClient({ url, token, maxRetries: 10, userAgent: 'lifecycle-example' });
/** Recognises the requests of this run, if they are repeated. */
const run = crypto.randomUUID();
const today = new Date().toISOString().slice(0, 10);

async function createAccounts(accounts: ApiAccount[]): Promise<void> {
  for (let index = 0; index < Number(count); index += 1) {
    const company = {
      username: `Example company ${index}`,
      email: `it@company-${index}.example`,
      phone: `+447400${String(index).padStart(6, '0')}`,
    };
    accounts.push(await stagedoor.apiAccounts.create(company, { idempotencyKey: `${run}-${index}` }));
  }
  console.log(`Created ${accounts.length} accounts.`);
}

/** Shows the steps of the newest key delivery, until it is done. */
async function followDelivery(
  { id, username }: ApiAccount,
  isDone: (delivery: KeyDeliveries['data'][number], oldKey: KeyDeliveries['oldKey']) => boolean,
): Promise<void> {
  const shown = new Set<string>();
  for (;;) {
    const { data, oldKey } = await stagedoor.apiAccounts.deliveries(id);
    const [delivery] = data;
    for (const { at, text } of delivery?.events ?? []) {
      if (!shown.has(`${at} ${text}`)) console.log(`${username}: ${text}`);
      shown.add(`${at} ${text}`);
    }
    if (delivery && isDone(delivery, oldKey)) return;
    if (!delivery || delivery.isProblem) throw new Error(`${username}: ${delivery?.summary}`);
    await delay(Number(POLL_MS));
  }
}

async function exportAuditLog(): Promise<void> {
  const output = createWriteStream(file);
  let events = 0;
  for await (const event of stagedoor.auditEvents.list({ from: today, limit: 200 })) {
    output.write(`${JSON.stringify(event)}\n`);
    events += 1;
  }
  await new Promise((resolve) => output.end(resolve));
  console.log(`Exported ${events} events.`);
}

const accounts: ApiAccount[] = [];
try {
  await createAccounts(accounts);
  const [first] = accounts;
  if (!first) throw new Error('Create at least one account.');
  await followDelivery(first, ({ events }) => events.some(({ type }) => type === 'first_used'));
  const idempotencyKey = `${run}-reset`;
  await stagedoor.apiAccounts.resetKey(first.id, { oldKey: 'on_first_use' }, { idempotencyKey });
  // The old key ends when the new one is first used.
  await followDelivery(first, ({ state }, oldKey) => state === 'collected' && oldKey === null);
  await exportAuditLog();
} finally {
  for (const { id } of accounts) await stagedoor.apiAccounts.delete(id);
  console.log(`Deleted ${accounts.length} accounts.`);
}
