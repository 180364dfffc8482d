import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  deleteWebhookEndpointSchema,
  newWebhookEndpointSchema,
  redeliverSchema,
  rotateWebhookSecretSchema,
  testWebhookEndpointSchema,
  updateWebhookEndpointSchema,
  WEBHOOK_EVENT_TYPES,
} from './schema.ts';

const NEW = { url: ' https://hooks.example.org ', eventTypes: ['audit.event'] };
const id = randomUUID();

describe('newWebhookEndpointSchema', () => {
  it('normalises the address, and has no description by default', () => {
    expect(newWebhookEndpointSchema.parse(NEW)).toEqual({
      url: 'https://hooks.example.org/',
      description: '',
      eventTypes: ['audit.event'],
    });
  });

  it.each([
    'hooks.example.org',
    'ftp://hooks.example.org',
    'https://user:password@hooks.example.org',
    'https://hooks.example.org/#x',
    `https://hooks.example.org/${'x'.repeat(2_000)}`,
    '',
  ])('rejects the address %s', (url) => {
    expect(newWebhookEndpointSchema.safeParse({ ...NEW, url }).success).toBe(false);
  });

  it('removes repeated types, and rejects unknown ones and none', () => {
    const parse = (eventTypes: string[]) => newWebhookEndpointSchema.safeParse({ ...NEW, eventTypes });
    expect(parse(['audit.event', 'api_key.reset', 'audit.event']).data?.eventTypes).toEqual([
      'api_key.reset',
      'audit.event',
    ]);
    expect(parse([...WEBHOOK_EVENT_TYPES]).data?.eventTypes).toEqual(WEBHOOK_EVENT_TYPES);
    expect(parse(['webhook.test']).success).toBe(false);
    expect(parse([]).success).toBe(false);
  });
});

describe('updateWebhookEndpointSchema', () => {
  it('leaves out what is not submitted', () => {
    expect(updateWebhookEndpointSchema.parse({ id, enabled: false })).toEqual({ id, enabled: false });
  });
});

describe('rotateWebhookSecretSchema', () => {
  it('has an overlap of 24 hours by default, and accepts 0 to 168', () => {
    expect(rotateWebhookSecretSchema.parse({ id })).toEqual({ id, hours: 24 });
    expect(rotateWebhookSecretSchema.parse({ id, hours: '0' })).toEqual({ id, hours: 0 });
    for (const hours of ['-1', '169', '1.5', 'soon', '', 1.5, -1])
      expect(rotateWebhookSecretSchema.safeParse({ id, hours }).success, String(hours)).toBe(false);
  });
});

it.each([deleteWebhookEndpointSchema, testWebhookEndpointSchema, redeliverSchema])(
  'requires an id (%#)',
  (schema) => {
    expect(schema.parse({ id })).toEqual({ id });
    expect(schema.safeParse({ id: 'x' }).success).toBe(false);
  },
);
