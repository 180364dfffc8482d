import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { OldKeyChoice } from '#lib/api-accounts/schema.ts';
import { OldKeyField } from './old-key-field.tsx';

/** Renders the field. @returns its question, and the labels of all radio buttons and of the selected ones */
function render(value: OldKeyChoice) {
  const html = renderToStaticMarkup(<OldKeyField value={value} onChange={() => {}} />);
  const labels = new Map(
    [...html.matchAll(/<label for="([^"]+)"[^>]*>([^<]+)</g)].map(([, id, label]) => [id, label]),
  );
  const selected = [...html.matchAll(/<input [^>]*>/g)]
    .filter(([input]) => / checked=/.test(input))
    .map(([input]) => labels.get(/ id="([^"]+)"/.exec(input)?.[1]));
  return { question: /<legend[^>]*>([^<]+)/.exec(html)?.[1], labels: [...labels.values()], selected };
}

const OPTIONS = [
  'Immediately',
  'When the new key is collected',
  'When the new key is first used',
  'After a set time',
];

describe('OldKeyField', () => {
  it.each([
    ['immediately', 'Immediately'],
    ['on_collection', 'When the new key is collected'],
    ['on_first_use', 'When the new key is first used'],
  ] as const)('offers the four ends of the old key, with %s selected', (value, selected) => {
    expect(render(value)).toEqual({
      question: 'When should the old key stop working?',
      labels: OPTIONS,
      selected: [selected],
    });
  });

  it('reveals the set times', () => {
    expect(render({ hours: 168 })).toMatchObject({
      labels: [...OPTIONS, '1 hour', '24 hours', '7 days'],
      selected: ['After a set time', '7 days'],
    });
  });
});
