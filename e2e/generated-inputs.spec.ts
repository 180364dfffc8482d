import assert from 'node:assert/strict';
import fc from 'fast-check';
import { atScale, TEST_SEED } from '#lib/testing/scale.ts';
import { findAction, isPublic, listActions } from './fixtures/call-action.ts';
import { callFromPage, createSameOriginHeaders, getValidArguments } from './fixtures/callers.ts';
import { anyHeaderValue, anyText, createArguments, generateInputs } from './fixtures/generated-inputs.ts';
import { UNIFORM_RESPONSE_ACTIONS } from './fixtures/malformed-arguments.ts';
import { forEachConcurrently, type HttpRequest, send } from './fixtures/requests.ts';
import { readTargetState } from './fixtures/state.ts';
import { targetTest } from './fixtures/target.ts';
import { expect, type Installation, test } from './fixtures/test.ts';

test.describe.configure({ timeout: atScale({ normal: 60_000, soak: 900_000 }) });

const PUBLIC_ACTIONS = [
  'openLink',
  'showKey',
  'testKey',
  'checkFirstRequest',
  'requestNewCodeByLink',
  'reportInteraction',
  'openChangeNotice',
  'submitChangeReport',
  'reportLeakedKey',
  'requestPasswordResetEmail',
  'openEmailLink',
  'setNewPassword',
  'startPasskeySignIn',
];

/** Actions that report success even for invalid arguments or unknown email addresses, so that they reveal nothing. */
const MAY_SUCCEED = new Set([...UNIFORM_RESPONSE_ACTIONS, 'requestPasswordResetEmail']);

/** Returns whether a value contains a string that React would treat as a reference to another part of the body. */
function hasReference(value: unknown): boolean {
  if (typeof value === 'string') return /^\$(?!\$|undefined$)/.test(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasReference);
}

/** A public endpoint that is not an action, with its valid statuses for generated requests. */
type Endpoint = { name: string; statuses: number[]; requests: fc.Arbitrary<HttpRequest> };

const FORM_HEADERS = { 'content-type': 'application/x-www-form-urlencoded' };

const encodeForm = (fields: Record<string, string>) => new URLSearchParams(fields).toString();

/** Encodes a value for a query. Replaces lone surrogates, because `encodeURIComponent` throws on them. */
const encodeQuery = (value: string) => encodeURIComponent(value.toWellFormed());

/** Creates an endpoint for each of next-auth's forms. All requests come from one IP address, to reach the rate limits too. */
async function createNextAuthEndpoints(installation: Installation): Promise<Endpoint[]> {
  const { text: body, headers } = await send(installation.webUrl, { path: '/api/auth/csrf' });
  const { csrfToken } = JSON.parse(body) as { csrfToken: string };
  const cookie = (headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ');
  const createEndpoint = (name: string, fields: fc.Arbitrary<Record<string, string>>): Endpoint => ({
    name: `POST /api/auth/${name}`,
    statuses: [200, 400, 401, 403],
    requests: fields.map((values) => ({
      method: 'POST',
      path: `/api/auth/${name}`,
      headers: {
        ...createSameOriginHeaders(installation),
        'x-forwarded-for': '10.255.255.254',
        ...FORM_HEADERS,
        cookie,
      },
      body: encodeForm({ csrfToken, json: 'true', ...values }),
    })),
  });
  // Replaces the valid CSRF token in some of the requests.
  const optionalCsrfToken = fc.option(fc.record({ csrfToken: anyText }), { nil: {} });
  const withOptionalCsrfToken = (record: fc.Arbitrary<Record<string, string>>) =>
    fc.tuple(record, optionalCsrfToken).map(([values, token]) => ({ ...values, ...token }));
  const secondStep = fc.record({ input: fc.oneof(anyText, fc.json()) });
  return [
    createEndpoint(
      'callback/credentials',
      withOptionalCsrfToken(fc.record({ email: anyText, password: anyText })),
    ),
    createEndpoint('callback/second-step', withOptionalCsrfToken(secondStep)),
    createEndpoint('callback/passkey', withOptionalCsrfToken(secondStep)),
    createEndpoint('signout', withOptionalCsrfToken(fc.record({ callbackUrl: anyText }))),
  ];
}

/** Creates the other endpoints that accept arbitrary input. */
function createOtherEndpoints(installation: Installation): Endpoint[] {
  const webhookHeaders = fc.record({
    'svix-id': anyHeaderValue,
    'svix-timestamp': fc.oneof(anyHeaderValue, fc.integer().map(String)),
    'svix-signature': fc.oneof(
      anyHeaderValue,
      anyHeaderValue.map((value) => `v1,${value}`),
    ),
  });
  return [
    {
      name: 'POST /api/webhooks/resend',
      statuses: [400, 401, 413, 415],
      requests: fc.tuple(webhookHeaders, fc.oneof(anyText, fc.json())).map(([headers, body]) => ({
        method: 'POST',
        path: '/api/webhooks/resend',
        headers: { ...headers, 'content-type': 'application/json' },
        body,
      })),
    },
    {
      name: 'GET /api/auth/…',
      statuses: [200, 302, 307, 308, 400, 404],
      requests: fc
        .tuple(fc.array(anyText, { minLength: 1, maxLength: 4 }), anyText)
        .map(([segments, value]) => ({
          path: `/api/auth/${segments.map(encodeQuery).join('/')}?x=${encodeQuery(value)}`,
        })),
    },
    {
      name: 'GET /sign-in',
      statuses: [200],
      requests: fc.array(fc.tuple(fc.constantFrom('then', 'failed', 'error'), anyText)).map((fields) => ({
        path: `/sign-in?${fields.map(([name, value]) => `${name}=${encodeQuery(value)}`).join('&')}`,
        headers: createSameOriginHeaders(installation),
      })),
    },
  ];
}

/** Sends generated requests. Expects valid statuses and no session cookie. */
async function checkGeneratedRequests(url: string, { requests, statuses }: Endpoint): Promise<void> {
  await forEachConcurrently(generateInputs(requests), async (request) => {
    const { status, headers } = await send(url, request);
    const description = `TEST_SEED=${TEST_SEED}: ${status} to ${JSON.stringify(request).slice(0, 400)}`;
    assert(statuses.includes(status), description);
    // The value of a session cookie is a JWT, which begins with `ey`.
    assert(!headers['set-cookie']?.some((line) => line.includes('session=ey')), description);
  });
}

test.describe('public endpoints', () => {
  targetTest('covers every public action that has an argument', async ({ target }) => {
    const actions = (await listActions()).filter(isPublic);
    const names = actions
      .filter((action) => getValidArguments(action, target).length > 0)
      .map(({ name }) => name);
    expect(names.toSorted()).toEqual(PUBLIC_ACTIONS.toSorted());
  });

  for (const name of PUBLIC_ACTIONS) {
    targetTest(
      `changes nothing if ${name} gets generated arguments`,
      async ({ installation, target, database }) => {
        const action = await findAction(name);
        const before = await readTargetState(database, target);
        const [validArgument] = getValidArguments(action, target);
        await forEachConcurrently(generateInputs(createArguments(validArgument)), async (args) => {
          const response = await callFromPage(installation, { action, args });
          const description = `TEST_SEED=${TEST_SEED}: ${JSON.stringify(args).slice(0, 300)}`;
          if (hasReference(args))
            return assert.match(response, /^400 .*"code":"malformed_body"/, description);
          assert.equal(response.slice(0, 4), '200 ', description);
          if (!MAY_SUCCEED.has(name)) assert(response.includes('"ok":false'), description);
        });
        expect(await readTargetState(database, target)).toEqual(before);
      },
    );
  }

  for (const index of [0, 1, 2, 3]) {
    targetTest(
      `starts no session for generated fields of next-auth form ${index + 1} of 4`,
      async ({ installation, target, database }) => {
        const before = await readTargetState(database, target);
        const endpoint = (await createNextAuthEndpoints(installation))[index];
        if (!endpoint) throw new Error('no such endpoint');
        await checkGeneratedRequests(installation.webUrl, endpoint);
        expect(await readTargetState(database, target)).toEqual(before);
      },
    );
  }

  // One test each, because at soak size each takes minutes.
  for (const [index, name] of ['the webhook', 'other routes of next-auth', 'the sign-in page'].entries()) {
    targetTest(
      `changes nothing and starts no session for generated requests to ${name}`,
      async ({ installation, target, database }) => {
        const before = await readTargetState(database, target);
        const endpoint = createOtherEndpoints(installation)[index];
        if (!endpoint) throw new Error('no such endpoint');
        await checkGeneratedRequests(installation.webUrl, endpoint);
        expect(await readTargetState(database, target)).toEqual(before);
      },
    );
  }

  test('refuses generated credentials at the verifier', async ({ installation }) => {
    const base64 = fc.tuple(anyText, anyText).map((pair) => Buffer.from(pair.join(':')).toString('base64'));
    const authorization = fc.oneof(
      anyHeaderValue,
      anyHeaderValue.map((value) => `Bearer ${value}`),
      base64.map((value) => `Basic ${value}`),
    );
    await checkGeneratedRequests(installation.verifierUrl, {
      name: '/verify',
      statuses: [401, 429],
      requests: fc
        .tuple(fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD'), authorization, anyText)
        .map(([method, value, parameter]) => ({
          method,
          path: `/verify?scope=${encodeQuery(parameter)}`,
          headers: { authorization: value },
        })),
    });
  });
});
