import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ApiStub,
  createStubEndpoint,
  createStubWebhookDelivery,
  startApiStub,
  TOKENS,
} from '../testing/api-stub.ts';
import { run } from './program.ts';
import { createTestTerminal } from './testing/test-terminal.ts';

const URL = 'https://crm.example.com/stagedoor';

let api: ApiStub;
/** What a person types: each answer once. */
let answers: string[];

beforeEach(async () => {
  api = await startApiStub();
  answers = [];
});
afterEach(() => api.close());

async function webhooks(...args: string[]) {
  const env = { STAGEDOOR_URL: api.url, STAGEDOOR_TOKEN: TOKENS.full };
  const { terminal, written } = createTestTerminal({ env, answers });
  const code = await run(['webhooks', ...args], terminal);
  return { code, ...written };
}

function addEndpoint(fields: Record<string, unknown> = {}) {
  const endpoint = createStubEndpoint({ url: URL, ...fields });
  api.endpoints.push(endpoint);
  return endpoint;
}

describe('stagedoor webhooks create', () => {
  it('prints the signing secret, and sends what was given', async () => {
    const args = ['create', '--url', URL, '--events', 'api_key.reset, audit.event', '--description', 'CRM'];
    const { code, output } = await webhooks(...args);
    expect(code).toBe(0);
    expect(output).toMatch(/^Created\. Save the signing secret now: .*\nwhsec_first\n\nURL +https:/);
    expect(api.requests.at(-1)?.body).toEqual({
      url: URL,
      eventTypes: ['api_key.reset', 'audit.event'],
      description: 'CRM',
    });
    expect(JSON.parse((await webhooks(...args, '--json')).output).secret).toBe('whsec_first');
  });

  it('sends every type of event for "all", and refuses an unknown one', async () => {
    await webhooks('create', '--url', URL, '--events', 'all');
    expect(api.endpoints[0]?.eventTypes).toHaveLength(14);
    const { code, error } = await webhooks('create', '--url', URL, '--events', 'api_key.made');
    expect([code, error]).toEqual([2, expect.stringContaining('There is no event "api_key.made"')]);
  });

  it('creates only one endpoint with the same idempotency key', async () => {
    for (let count = 0; count < 2; count += 1)
      await webhooks('create', '--url', URL, '--events', 'all', '--idempotency-key', 'crm');
    expect(api.endpoints).toHaveLength(1);
  });
});

describe('stagedoor webhooks list and get', () => {
  it('print tables and fields, and JSON', async () => {
    expect(await webhooks('list')).toEqual({
      code: 0,
      output: '',
      error: 'There are no webhook endpoints.\n',
    });
    const endpoint = addEndpoint({ enabled: false, disabledReason: 'failing' });
    expect((await webhooks('list')).output).toMatch(
      /^URL +Id +Events +State +Last delivery\nhttps:\S+ +\S+ +1 +disabled \(failing\) +none in 30 days\n$/,
    );
    expect(JSON.parse((await webhooks('list', '--json')).output)).toEqual([endpoint]);
    for (const typed of [URL, endpoint.id]) {
      expect((await webhooks('get', typed)).output).toMatch(/^URL +https:.*\nId +/);
      expect(JSON.parse((await webhooks('get', typed, '--json')).output)).toEqual(endpoint);
    }
  });

  it('exit with 4 if the URL means no endpoint, or more than one', async () => {
    expect((await webhooks('get', URL)).code).toBe(4);
    expect((await webhooks('get', 'crm')).code).toBe(4);
    const ids = [addEndpoint().id, addEndpoint().id];
    expect(await webhooks('get', URL)).toMatchObject({
      code: 4,
      error: expect.stringContaining(ids.join(', ')),
    });
  });
});

describe('stagedoor webhooks update', () => {
  it('changes only what was given, if the endpoint has not changed since it was read', async () => {
    addEndpoint({ version: 3 });
    expect((await webhooks('update', URL, '--disable')).code).toBe(0);
    expect(api.requests.at(-1)).toMatchObject({ headers: { 'if-match': '"3"' }, body: { enabled: false } });
    await webhooks('update', URL, '--enable', '--description', '');
    expect(api.requests.at(-1)?.body).toEqual({ enabled: true, description: '' });
    for (const options of [[], ['--enable', '--disable']])
      expect((await webhooks('update', URL, ...options)).code, options.join()).toBe(2);
  });
});

describe('stagedoor webhooks rotate-secret', () => {
  it('asks a person, and prints the new secret', async () => {
    addEndpoint();
    answers = ['n'];
    expect(await webhooks('rotate-secret', URL)).toMatchObject({ code: 130, output: '' });
    expect((await webhooks('rotate-secret', URL)).code).toBe(2);
    expect(api.requests.filter(({ method }) => method === 'POST')).toEqual([]);
    const { output } = await webhooks('rotate-secret', URL, '--yes');
    expect(output).toContain('\nwhsec_second\nThe old one signs for another 24 h.\n');
    expect(api.requests.at(-1)?.body).toEqual({ hours: 24 });
    await webhooks('rotate-secret', URL, '--yes', '--overlap', '0h');
    expect(api.requests.at(-1)?.body).toEqual({ hours: 0 });
  });

  it.each(['24', '169h', '-1h', 'h'])('refuses --overlap %s', async (value) => {
    expect((await webhooks('rotate-secret', URL, '--yes', `--overlap=${value}`)).code).toBe(2);
  });
});

describe('stagedoor webhooks delete', () => {
  it('needs a yes', async () => {
    addEndpoint();
    expect((await webhooks('delete', URL)).code).toBe(2);
    answers = ['no'];
    expect((await webhooks('delete', URL)).code).toBe(130);
    expect(api.endpoints).toHaveLength(1);
    answers = ['y'];
    expect((await webhooks('delete', URL)).output).toBe(`Deleted ${URL}.\n`);
    expect(api.endpoints).toEqual([]);
  });
});

describe('stagedoor webhooks test', () => {
  it('exits with 0 if the event has arrived, and with 8 if not', async () => {
    addEndpoint();
    expect(await webhooks('test', URL)).toEqual({
      code: 0,
      output: 'The delivery is delivered: status 204.\n',
      error: '',
    });
    const broken = addEndpoint({ url: 'https://broken.example.com/' });
    expect(await webhooks('test', broken.id)).toEqual({
      code: 8,
      output: 'The delivery is failed: status 500.\n',
      error: 'The event did not arrive.\n',
    });
    const { output, error } = await webhooks('test', broken.id, '--json');
    expect(JSON.parse(output)).toMatchObject({ state: 'failed', attemptCount: 1 });
    expect(JSON.parse(error)).toMatchObject({ error: { exitCode: 8 } });
  });
});

describe('stagedoor webhooks deliveries, attempts and redeliver', () => {
  it('list the deliveries, show what was sent and received, and send an event again', async () => {
    const { id } = addEndpoint();
    const failed = createStubWebhookDelivery(id, 500);
    api.webhookDeliveries.push(createStubWebhookDelivery(id), failed, createStubWebhookDelivery(id));
    const { output } = await webhooks('deliveries', URL);
    expect(output.trimEnd().split('\n')).toHaveLength(4);
    expect(output).toMatch(/^Id +Event +State +Attempts +Time\n/);
    expect(JSON.parse((await webhooks('deliveries', URL, '--limit', '2', '--json')).output)).toHaveLength(2);
    const onlyFailed = await webhooks('deliveries', URL, '--state', 'failed', '--json');
    expect(JSON.parse(onlyFailed.output)).toEqual([failed]);

    const attempts = (await webhooks('attempts', failed.id)).output;
    expect(attempts).toContain('The delivery is failed: status 500.\n');
    // The response cannot control the terminal.
    expect(attempts).toMatch(/Request +\{"type":"webhook.test"\}\nStatus +500\nResponse +No �\[31m\n/);
    expect(await webhooks('redeliver', failed.id)).toMatchObject({ code: 0, error: '' });
    expect((await webhooks('redeliver', id)).code).toBe(4);
  });
});

describe('stagedoor webhooks --help', () => {
  it('has an example and --json for each command', async () => {
    const { output } = await webhooks('--help');
    const names = [...output.matchAll(/^ {2}([a-z-]+)[ ,[]/gm)].map(([, name]) => name);
    const commands = names.filter((name) => name !== undefined && name !== 'help' && !name.startsWith('-'));
    expect(commands).toHaveLength(10);
    for (const name of commands) {
      const help = (await webhooks(name ?? '', '--help')).output;
      expect(help, name).toMatch(/--json[\s\S]*Examples:\n {2}stagedoor webhooks /);
    }
  });
});
