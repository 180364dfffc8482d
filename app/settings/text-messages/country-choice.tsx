'use client';
import { Search } from 'lucide-react';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { CheckboxField } from '#components/checkbox-field.tsx';
import type { Country } from '#lib/notifications/sms/schema.ts';
import { findCountries, orderCountries } from './country-search.ts';

type CountryChoiceProps = {
  countries: Country[];
  /** The organisation's own: always ticked. */
  own: string;
  /** What is ticked in the saved rules: these come first, and stay where they are while one ticks. */
  saved: string[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
};

const countFound = (count: number) => `${count} ${count === 1 ? 'country' : 'countries'} found.`;

/** A list of all countries to tick, with a search that narrows it. */
export function CountryChoice({ countries, own, saved, chosen, onChange }: CountryChoiceProps) {
  const [words, setWords] = useState('');
  const ordered = useMemo(() => orderCountries(countries, own, saved), [countries, own, saved]);
  const found = findCountries(ordered, words);
  const ownName = countries.find(({ code }) => code === own)?.name ?? own;
  const ticked =
    chosen.length === 0 ? `Only ${ownName} is ticked.` : `${chosen.length} ticked besides ${ownName}.`;

  function tick(code: string, isTicked: boolean) {
    const others = chosen.filter((each) => each !== code);
    onChange(isTicked ? [...others, code].toSorted() : others);
  }

  return (
    <fieldset className="min-w-0">
      <legend className="font-semibold text-xl tracking-tight">Countries that texts may go to</legend>
      <p className="mt-1 max-w-2xl text-muted">
        Tick only where you have partners. Fraudsters make others send texts to numbers abroad that they earn
        from.
      </p>
      <SearchField words={words} onChange={setWords} />
      <p role="status" className="mt-2 text-muted text-sm tabular-nums">
        {words.trim() ? `${countFound(found.length)} ${ticked}` : ticked}
      </p>
      {found.length > 0 ? (
        <ul className="mt-3 grid max-h-80 gap-x-6 gap-y-3 overflow-y-auto rounded-md border border-line p-3.5 sm:grid-cols-2 lg:grid-cols-3">
          {found.map(({ code, name, callingCode }) => (
            <li key={code}>
              <CheckboxField
                name={`country-${code}`}
                label={`${name} +${callingCode}`}
                description={code === own ? 'Your own country: always on.' : undefined}
                checked={code === own || chosen.includes(code)}
                disabled={code === own}
                onChange={(event) => tick(code, event.currentTarget.checked)}
              />
            </li>
          ))}
        </ul>
      ) : (
        <p className="mt-3 rounded-md border border-line px-3.5 py-6 text-center text-muted">
          No country matches “<bdi>{words.trim()}</bdi>”. Try fewer letters, or a calling code such as +45.
        </p>
      )}
    </fieldset>
  );
}

type SearchFieldProps = { words: string; onChange: (words: string) => void };

function SearchField({ words, onChange }: SearchFieldProps) {
  // It narrows the list as one types; Enter would save the rules instead.
  function keepFromSaving(event: KeyboardEvent) {
    if (event.key === 'Enter') event.preventDefault();
  }
  return (
    <div className="relative mt-3 sm:max-w-sm">
      <Search aria-hidden="true" className="pointer-events-none absolute start-3 top-3 size-4 text-muted" />
      <input
        type="search"
        aria-label="Search countries"
        placeholder="Country or calling code"
        value={words}
        maxLength={60}
        autoComplete="off"
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={keepFromSaving}
        className="field ps-9"
      />
    </div>
  );
}
