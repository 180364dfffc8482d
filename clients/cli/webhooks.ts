import { setTimeout as delay } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type {
  NewWebhookEndpoint,
  StagedoorClient,
  WebhookDelivery,
  WebhookDeliveryWithAttempts,
  WebhookEndpoint,
  WebhookEndpointChanges,
} from '../typescript/client.ts';
import { type Context, confirm, connect, print } from './context.ts';
import { DeliveryError, NotFoundError, UsageError } from './exit-codes.ts';
import { formatFields, formatTable, formatTime, makePrintable } from './format.ts';
import { isId, parseCount, parseHours } from './parse-options.ts';

type Output = { json?: boolean };
type EventType = NewWebhookEndpoint['eventTypes'][number];

/** Each type once, so that the compiler finds a missing one. */
const EVENT_TYPES: Record<EventType, true> = {
  'api_account.created': true,
  'api_account.updated': true,
  'api_account.deactivated': true,
  'api_account.reactivated': true,
  'api_account.deleted': true,
  'api_account.expiring': true,
  'api_account.expired': true,
  'api_key.reset': true,
  'api_key.collected': true,
  'api_key.first_used': true,
  'api_key.leaked': true,
  'delivery.failed': true,
  'delivery.locked': true,
  'audit.event': true,
};
const DELIVERY_STATES = ['pending', 'delivered', 'failed'];
const DEFAULT_LIMIT = 50;
const MAX_PAGE_SIZE = 200;
/** How long `test` and `redeliver` wait for a result. */
const WAIT_MS = 20_000;
const POLL_MS = 500;
/** JSON has the whole body. */
const MAX_SHOWN_CHARACTERS = 1_000;

const ENDPOINT = ['<endpoint>', 'its URL or id'] as const;
const DELIVERY = ['<delivery>', 'its id, which `webhooks deliveries` lists'] as const;
const JSON_OPTION = ['--json', 'print JSON, for programs'] as const;
const YES_OPTION = ['--yes', 'do not ask'] as const;
const KEY_OPTION = '--idempotency-key <key>';
const EVENTS_OPTION = ['--events <types>', 'separated by commas, or "all"', parseEvents] as const;

function parseEvents(text: string): EventType[] {
  const all = Object.keys(EVENT_TYPES) as EventType[];
  if (text === 'all') return all;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(EVENT_TYPES, name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(
      `There is no event "${unknown}". Use "all" or some of: ${all.join(', ')}.`,
    );
  return names as EventType[];
}

function formatState({ enabled, disabledReason, failingSince }: WebhookEndpoint): string {
  if (!enabled) return disabledReason === 'administrator' ? 'disabled' : `disabled (${disabledReason})`;
  return failingSince ? `failing since ${formatTime(failingSince)}` : 'enabled';
}

const formatEndpoint = (endpoint: WebhookEndpoint) =>
  formatFields([
    ['URL', endpoint.url],
    ['Id', endpoint.id],
    ['Description', endpoint.description],
    ['Events', endpoint.eventTypes.join(', ')],
    ['State', formatState(endpoint)],
    ['Last delivery', formatTime(endpoint.lastDeliveryAt) || 'none in 30 days'],
    ['Old secret ends', formatTime(endpoint.previousSecretExpiresAt) || 'has ended'],
    ['Created', formatTime(endpoint.createdAt)],
  ]);

const formatEndpoints = (endpoints: WebhookEndpoint[]) =>
  formatTable(
    ['URL', 'Id', 'Events', 'State', 'Last delivery'],
    endpoints.map((endpoint) => [
      endpoint.url,
      endpoint.id,
      String(endpoint.eventTypes.length),
      formatState(endpoint),
      formatTime(endpoint.lastDeliveryAt) || 'none in 30 days',
    ]),
  );

const formatDeliveries = (deliveries: WebhookDelivery[]) =>
  formatTable(
    ['Id', 'Event', 'State', 'Attempts', 'Time'],
    deliveries.map(({ id, type, state, attemptCount, createdAt }) => [
      id,
      type,
      state,
      String(attemptCount),
      formatTime(createdAt),
    ]),
  );

/** Says how the last attempt of a delivery ended. */
function describeResult({ state, attempts, nextAttemptAt }: WebhookDeliveryWithAttempts): string {
  const last = attempts.at(-1);
  const response = last?.response ? `status ${last.response.status}` : (last?.error ?? 'no attempt yet');
  const next = nextAttemptAt && last ? ` The next attempt is at ${formatTime(nextAttemptAt)}.` : '';
  return makePrintable(`The delivery is ${state}: ${response}.${next}`).concat('\n');
}

/**
 * Finds the endpoint that is meant by an id or a URL.
 * @throws a NotFoundError if there is none
 */
async function findEndpoint(client: StagedoorClient, typed: string): Promise<WebhookEndpoint> {
  if (isId(typed)) return client.webhookEndpoints.get(typed);
  const href = URL.parse(typed)?.href;
  const found = (await client.webhookEndpoints.list()).filter(({ url }) => url === href);
  const [endpoint, ...others] = found;
  if (!endpoint) throw new NotFoundError(`No webhook endpoint has the URL "${typed}".`);
  if (others.length > 0)
    throw new NotFoundError(
      `More than one endpoint has this URL. Use an id: ${found.map(({ id }) => id).join(', ')}`,
    );
  return endpoint;
}

/** Waits until an attempt of a delivery has ended, after those that had ended before. */
async function waitForAttempt(
  client: StagedoorClient,
  id: string,
  attemptsBefore = 0,
): Promise<WebhookDeliveryWithAttempts> {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const delivery = await client.webhookDeliveries.get(id);
    if (delivery.attemptCount > attemptsBefore || Date.now() > end) return delivery;
    await delay(POLL_MS);
  }
}

function addList(webhooks: Command, context: Context): void {
  webhooks
    .command('list')
    .description('List webhook endpoints.')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      `\nExamples:\n  stagedoor webhooks list --json | jq -r '.[] | select(.enabled | not) | .url'`,
    )
    .action(async (options: Output) => {
      const endpoints = await (await connect(context)).webhookEndpoints.list();
      await print(context, options, endpoints, endpoints.length > 0 ? formatEndpoints(endpoints) : '');
      if (endpoints.length === 0 && !options.json)
        context.terminal.writeError('There are no webhook endpoints.\n');
    });
}

function addGet(webhooks: Command, context: Context): void {
  webhooks
    .command('get')
    .description('Show a webhook endpoint.')
    .argument(...ENDPOINT)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExamples:\n  stagedoor webhooks get https://crm.example.com/stagedoor')
    .action(async (typed: string, options: Output) => {
      const endpoint = await findEndpoint(await connect(context), typed);
      await print(context, options, endpoint, formatEndpoint(endpoint));
    });
}

type CreateOptions = Output & {
  url: string;
  events: EventType[];
  description?: string;
  idempotencyKey?: string;
};

function addCreate(webhooks: Command, context: Context): void {
  webhooks
    .command('create')
    .description('Create a webhook endpoint. Prints its signing secret, which is not shown again.')
    .requiredOption('--url <url>', 'gets each event as an HTTP POST with JSON')
    .requiredOption(...EVENTS_OPTION)
    .option('--description <text>', 'which system this is')
    .option(KEY_OPTION, 'with the same key, the endpoint is created only once in 24 hours')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      `\nExamples:\n  stagedoor webhooks create --url https://crm.example.com/stagedoor --events api_key.reset,api_key.leaked\n  stagedoor webhooks create --url https://siem.example.com/in --events audit.event --json | jq -r .secret`,
    )
    .action(async ({ url, events: eventTypes, description, idempotencyKey, ...options }: CreateOptions) => {
      const client = await connect(context);
      const created = await client.webhookEndpoints.create(
        { url, eventTypes, ...(description !== undefined && { description }) },
        idempotencyKey === undefined ? {} : { idempotencyKey },
      );
      const text = `Created. Save the signing secret now: it is not shown again.\n${created.secret}\n\n`;
      await print(context, options, created, text + formatEndpoint(created));
    });
}

type UpdateOptions = Output & {
  url?: string;
  events?: EventType[];
  description?: string;
  enable?: true;
  disable?: true;
};

function addUpdate(webhooks: Command, context: Context): void {
  webhooks
    .command('update')
    .description('Change, disable or enable a webhook endpoint.')
    .argument(...ENDPOINT)
    .option('--url <url>', 'gets each event as an HTTP POST with JSON')
    .option(...EVENTS_OPTION)
    .option('--description <text>', 'which system this is')
    .addOption(new Option('--disable', 'send no events until it is enabled again').conflicts('enable'))
    .option('--enable', 'send events from now on')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExamples:\n  stagedoor webhooks update https://crm.example.com/stagedoor --events all\n  stagedoor webhooks update https://crm.example.com/stagedoor --disable',
    )
    .action(async (typed: string, { events, enable, disable, ...options }: UpdateOptions) => {
      const { url, description } = options;
      const changes: WebhookEndpointChanges = {
        ...(url !== undefined && { url }),
        ...(description !== undefined && { description }),
        ...(events && { eventTypes: events }),
        ...((enable || disable) && { enabled: enable === true }),
      };
      if (Object.keys(changes).length === 0) throw new UsageError('Say what to change, such as --events.');
      const client = await connect(context);
      const endpoint = await client.webhookEndpoints.update(await findEndpoint(client, typed), changes);
      await print(context, options, endpoint, `Changed.\n\n${formatEndpoint(endpoint)}`);
    });
}

function addDelete(webhooks: Command, context: Context): void {
  webhooks
    .command('delete')
    .description('Delete a webhook endpoint and its deliveries.')
    .argument(...ENDPOINT)
    .option(...YES_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExamples:\n  stagedoor webhooks delete https://crm.example.com/stagedoor --yes')
    .action(async (typed: string, options: Output & { yes?: boolean }) => {
      const client = await connect(context);
      const { id, url } = await findEndpoint(client, typed);
      const question = makePrintable(`This cannot be undone. Delete ${url}? [y/N] `);
      await confirm(context, options, question, (answer) => answer === 'y' || answer === 'yes');
      await client.webhookEndpoints.delete(id);
      await print(
        context,
        options,
        { id, url, deleted: true },
        makePrintable(`Deleted ${url}.`).concat('\n'),
      );
    });
}

function addRotateSecret(webhooks: Command, context: Context): void {
  webhooks
    .command('rotate-secret')
    .description('Replace the signing secret. Prints the new one, which is not shown again.')
    .argument(...ENDPOINT)
    .option('--overlap <hours>', 'how long the old secret signs, too: 0h to 168h', parseHours, 24)
    .option(KEY_OPTION, 'with the same key, it is replaced only once in 24 hours')
    .option(...YES_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExamples:\n  stagedoor webhooks rotate-secret https://crm.example.com/stagedoor --overlap 48h\n  stagedoor webhooks rotate-secret https://crm.example.com/stagedoor --overlap 0h --yes   # it was leaked',
    )
    .action(
      async (
        typed: string,
        options: Output & { overlap: number; yes?: boolean; idempotencyKey?: string },
      ) => {
        const { overlap: hours, idempotencyKey } = options;
        const client = await connect(context);
        const { id, url } = await findEndpoint(client, typed);
        const effect = hours === 0 ? 'ends immediately' : `signs for another ${hours} h`;
        const question = makePrintable(`Rotate the secret of ${url}? The old one ${effect}. [y/N] `);
        await confirm(context, options, question, (answer) => answer === 'y' || answer === 'yes');
        const post = idempotencyKey === undefined ? {} : { idempotencyKey };
        const rotated = await client.webhookEndpoints.rotateSecret(id, { hours }, post);
        const text = `Rotated. Save the new signing secret now: it is not shown again.\n${rotated.secret}\n`;
        await print(context, options, rotated, `${text}The old one ${effect}.\n`);
      },
    );
}

function addTest(webhooks: Command, context: Context): void {
  webhooks
    .command('test')
    .description('Send a test event, and wait for its result. Exits with 8 if it does not arrive.')
    .argument(...ENDPOINT)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExamples:\n  stagedoor webhooks test https://crm.example.com/stagedoor')
    .action(async (typed: string, options: Output) => {
      const client = await connect(context);
      const { id } = await findEndpoint(client, typed);
      const { deliveryId } = await client.webhookEndpoints.sendTestEvent(id);
      await printResult(context, options, await waitForAttempt(client, deliveryId));
    });
}

/**
 * Prints the result of a delivery.
 * @throws a DeliveryError if the event did not arrive
 */
async function printResult(
  context: Context,
  options: Output,
  delivery: WebhookDeliveryWithAttempts,
): Promise<void> {
  await print(context, options, delivery, describeResult(delivery));
  if (delivery.state !== 'delivered') throw new DeliveryError('The event did not arrive.');
}

function addDeliveries(webhooks: Command, context: Context): void {
  webhooks
    .command('deliveries')
    .description('List the deliveries to a webhook endpoint in the last 30 days, newest first.')
    .argument(...ENDPOINT)
    .addOption(new Option('--state <state>', 'only those in this state').choices(DELIVERY_STATES))
    .option('--limit <count>', 'how many at most', parseCount, DEFAULT_LIMIT)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      `\nExamples:\n  stagedoor webhooks deliveries https://crm.example.com/stagedoor --state failed --json | jq -r '.[].id' | xargs -n 1 stagedoor webhooks redeliver`,
    )
    .action(async (typed: string, options: Output & { state?: WebhookDelivery['state']; limit: number }) => {
      const { state, limit } = options;
      const client = await connect(context);
      const { id } = await findEndpoint(client, typed);
      const filter = { limit: Math.min(limit, MAX_PAGE_SIZE), ...(state && { state }) };
      const deliveries: WebhookDelivery[] = [];
      for await (const delivery of client.webhookEndpoints.deliveries(id, filter)) {
        deliveries.push(delivery);
        if (deliveries.length === limit) break;
      }
      await print(context, options, deliveries, deliveries.length > 0 ? formatDeliveries(deliveries) : '');
      if (deliveries.length === 0 && !options.json) context.terminal.writeError('There are none.\n');
    });
}

function addAttempts(webhooks: Command, context: Context): void {
  webhooks
    .command('attempts')
    .description('Show what was sent in a delivery, and each response.')
    .argument(...DELIVERY)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExamples:\n  stagedoor webhooks attempts 019ac0de-7a3c-7d4e-9f61-2f5b6d0c8e11')
    .action(async (id: string, options: Output) => {
      const delivery = await (await connect(context)).webhookDeliveries.get(id);
      const attempts = delivery.attempts.map(({ at, request, response, error }) =>
        formatFields([
          ['Time', formatTime(at)],
          ['Request', request.body],
          ['Status', response ? String(response.status) : `no response: ${error}`],
          ['Response', response?.body.slice(0, MAX_SHOWN_CHARACTERS) ?? ''],
        ]),
      );
      await print(context, options, delivery, [describeResult(delivery), ...attempts].join('\n'));
    });
}

function addRedeliver(webhooks: Command, context: Context): void {
  webhooks
    .command('redeliver')
    .description(
      'Send the event of a delivery again, and wait for the result. Exits with 8 if it does not arrive.',
    )
    .argument(...DELIVERY)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExamples:\n  stagedoor webhooks redeliver 019ac0de-7a3c-7d4e-9f61-2f5b6d0c8e11')
    .action(async (id: string, options: Output) => {
      const client = await connect(context);
      const { attemptCount } = await client.webhookDeliveries.get(id);
      await client.webhookDeliveries.redeliver(id);
      await printResult(context, options, await waitForAttempt(client, id, attemptCount));
    });
}

/** Adds `webhooks list`, `get`, `create`, `update`, `delete`, `rotate-secret`, `test`, `deliveries`, `attempts`, `redeliver`. */
export function addWebhooks(program: Command, context: Context): void {
  const webhooks = program
    .command('webhooks')
    .description('List, create, change and test webhook endpoints, and follow their deliveries.');
  addList(webhooks, context);
  addGet(webhooks, context);
  addCreate(webhooks, context);
  addUpdate(webhooks, context);
  addDelete(webhooks, context);
  addRotateSecret(webhooks, context);
  addTest(webhooks, context);
  addDeliveries(webhooks, context);
  addAttempts(webhooks, context);
  addRedeliver(webhooks, context);
}
