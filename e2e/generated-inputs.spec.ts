import fc from 'fast-check';
import { atScale, TEST_SEED } from '#lib/testing/scale.ts';
import { builtAction, builtActions, callAction, isPublic } from './fixtures/call-action.ts';
import { argumentsOf, own } from './fixtures/callers.ts';
import { argumentsLike, generate, headerValue, text } from './fixtures/generated-inputs.ts';
import { forEachConcurrently, type HttpRequest, send } from './fixtures/requests.ts';
import { state } from './fixtures/state.ts';
import { subjectTest } from './fixtures/subject.ts';
import { expect, test, type Where } from './fixtures/test.ts';
import { UNIFORM_RESPONSES } from './fixtures/wrong-shapes.ts';

test.describe.configure({ timeout: atScale({ normal: 60_000, soak: 900_000 }) });

const PUBLIC_ACTIONS = [
  'openLink',
  'showKey',
  'sendNewCode',
  'touchPage',
  'openChangeNotice',
  'submitChangeReport',
  'requestPasswordResetEmail',
  'openPasswordLink',
  'setNewPassword',
  'startPasskeySignIn',
];

/** It returns the same for a known and an unknown email address. */
const MAY_SUCCEED = new Set([...UNIFORM_RESPONSES, 'requestPasswordResetEmail']);

/** Whether a value holds a string that React would take for a reference to something else in the body. */
function hasReference(value: unknown): boolean {
  if (typeof value === 'string') return /^\$(?!\$|undefined$)/.test(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasReference);
}

subjectTest('every public action that takes an argument is listed here', async ({ subject }) => {
  const actions = (await builtActions()).filter(isPublic);
  const names = actions.filter((action) => argumentsOf(action, subject).length > 0).map(({ name }) => name);
  expect(names.toSorted()).toEqual(PUBLIC_ACTIONS.toSorted());
});

for (const name of PUBLIC_ACTIONS) {
  subjectTest(`${name} refuses generated arguments`, async ({ where, subject, database }) => {
    const action = await builtAction(name);
    const before = await state(database, subject);
    const [honest] = argumentsOf(action, subject);
    await forEachConcurrently(generate(argumentsLike(honest)), async (args) => {
      const url = where.webUrl + action.page;
      const answer = await callAction({ url, action, args, headers: own(where) });
      const what = `TEST_SEED=${TEST_SEED}: ${JSON.stringify(args).slice(0, 300)}`;
      if (hasReference(args)) return expect(answer, what).toMatch(/^400 .*"code":"malformed_body"/);
      expect(answer.slice(0, 4), what).toBe('200 ');
      if (!MAY_SUCCEED.has(name)) expect(answer.includes('"ok":false'), what).toBe(true);
    });
    expect(await state(database, subject)).toEqual(before);
  });
}

/** A public endpoint that is no action. */
type Endpoint = { name: string; statuses: number[]; requests: fc.Arbitrary<HttpRequest> };

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
/** `URLSearchParams` replaces half a surrogate pair. */
const query = (value: string) => encodeURIComponent(value.toWellFormed());

/** Requests of next-auth's forms, from one address: the rate limits, too, are met. */
async function signInEndpoints(where: Where): Promise<Endpoint[]> {
  const { text: body, headers } = await send(where.webUrl, { path: '/api/auth/csrf' });
  const { csrfToken } = JSON.parse(body) as { csrfToken: string };
  const cookie = (headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ');
  const post = (name: string, fields: fc.Arbitrary<Record<string, string>>): Endpoint => ({
    name: `POST /api/auth/${name}`,
    statuses: [200, 400, 401, 403],
    requests: fields.map((values) => ({
      method: 'POST',
      path: `/api/auth/${name}`,
      headers: { ...own(where), 'x-forwarded-for': '10.255.255.254', ...FORM, cookie },
      body: form({ csrfToken, json: 'true', ...values }),
    })),
  });
  const csrf = fc.option(fc.record({ csrfToken: text }), { nil: {} });
  const fields = (record: fc.Arbitrary<Record<string, string>>) =>
    fc.tuple(record, csrf).map(([values, token]) => ({ ...values, ...token }));
  const answer = fc.record({ answer: fc.oneof(text, fc.json()) });
  return [
    post('callback/credentials', fields(fc.record({ email: text, password: text }))),
    post('callback/second-step', fields(answer)),
    post('callback/passkey', fields(answer)),
    post('signout', fields(fc.record({ callbackUrl: text }))),
  ];
}

/** The endpoints that take any input at all. */
function otherEndpoints(where: Where): Endpoint[] {
  const webhookHeaders = fc.record({
    'svix-id': headerValue,
    'svix-timestamp': fc.oneof(headerValue, fc.integer().map(String)),
    'svix-signature': fc.oneof(
      headerValue,
      headerValue.map((value) => `v1,${value}`),
    ),
  });
  return [
    {
      name: 'POST /api/webhooks/resend',
      statuses: [400, 401, 413, 415],
      requests: fc.tuple(webhookHeaders, fc.oneof(text, fc.json())).map(([headers, body]) => ({
        method: 'POST',
        path: '/api/webhooks/resend',
        headers: { ...headers, 'content-type': 'application/json' },
        body,
      })),
    },
    {
      name: 'GET /api/auth/…',
      statuses: [200, 302, 307, 308, 400, 404],
      requests: fc.tuple(fc.array(text, { minLength: 1, maxLength: 4 }), text).map(([segments, value]) => ({
        path: `/api/auth/${segments.map(query).join('/')}?x=${query(value)}`,
      })),
    },
    {
      name: 'GET /sign-in',
      statuses: [200],
      requests: fc.array(fc.tuple(fc.constantFrom('then', 'failed', 'error'), text)).map((fields) => ({
        path: `/sign-in?${fields.map(([name, value]) => `${name}=${query(value)}`).join('&')}`,
        headers: own(where),
      })),
    },
  ];
}

async function expectRefusals(url: string, { requests, statuses }: Endpoint): Promise<void> {
  await forEachConcurrently(generate(requests), async (request) => {
    const { status, headers } = await send(url, request);
    const what = `TEST_SEED=${TEST_SEED}: ${status} to ${JSON.stringify(request).slice(0, 400)}`;
    expect(statuses, what).toContain(status);
    expect(
      (headers['set-cookie'] ?? []).filter((line) => line.includes('session=ey')),
      what,
    ).toEqual([]);
  });
}

for (const index of [0, 1, 2, 3]) {
  subjectTest(
    `sign-in form ${index + 1} of 4 refuses generated fields`,
    async ({ where, subject, database }) => {
      const before = await state(database, subject);
      const endpoint = (await signInEndpoints(where))[index];
      if (!endpoint) throw new Error('no such endpoint');
      await expectRefusals(where.webUrl, endpoint);
      expect(await state(database, subject)).toEqual(before);
    },
  );
}

subjectTest(
  'webhooks, next-auth and the sign-in page withstand generated requests',
  async ({ where, subject, database }) => {
    const before = await state(database, subject);
    for (const endpoint of otherEndpoints(where)) await expectRefusals(where.webUrl, endpoint);
    expect(await state(database, subject)).toEqual(before);
  },
);

test('the verifier accepts no generated credential', async ({ where }) => {
  const base64 = fc.tuple(text, text).map((pair) => Buffer.from(pair.join(':')).toString('base64'));
  const authorization = fc.oneof(
    headerValue,
    headerValue.map((value) => `Bearer ${value}`),
    base64.map((value) => `Basic ${value}`),
  );
  await expectRefusals(where.verifierUrl, {
    name: '/verify',
    statuses: [401, 429],
    requests: fc
      .tuple(fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD'), authorization, text)
      .map(([method, value, parameter]) => ({
        method,
        path: `/verify?scope=${query(parameter)}`,
        headers: { authorization: value },
      })),
  });
});
