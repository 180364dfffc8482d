'use client';
import { Search } from 'lucide-react';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { CheckboxField } from '#components/checkbox-field.tsx';
import type { Country } from '#lib/notifications/sms/schema.ts';
import { findCountries, orderCountries } from './country-search.ts';

type CountryChoiceProps = {
  countries: Country[];
  /** The organisation's own country, which is always allowed. */
  ownCountry: string;
  /** Listed right after the own country, so that selecting a country does not reorder the list. */
  savedCountries: string[];
  /** The other countries that are selected, without the own one. */
  selected: string[];
  onChange: (selected: string[]) => void;
};

const formatFound = (count: number) => `${count} ${count === 1 ? 'country' : 'countries'} found.`;

function formatSelected(ownName: string, otherCount: number): string {
  if (otherCount === 0) return `Selected: ${ownName} only.`;
  return `Selected: ${ownName} and ${otherCount} ${otherCount === 1 ? 'other' : 'others'}.`;
}

/** Lists all countries as checkboxes, with a search. */
export function CountryChoice({
  countries,
  ownCountry,
  savedCountries,
  selected,
  onChange,
}: CountryChoiceProps) {
  const [query, setQuery] = useState('');
  const ordered = useMemo(
    () => orderCountries(countries, ownCountry, savedCountries),
    [countries, ownCountry, savedCountries],
  );
  const found = findCountries(ordered, query);
  const ownName = countries.find(({ code }) => code === ownCountry)?.name ?? ownCountry;
  const summary = formatSelected(ownName, selected.length);

  function toggle(code: string, isSelected: boolean) {
    const others = selected.filter((each) => each !== code);
    onChange(isSelected ? [...others, code].toSorted() : others);
  }

  return (
    <fieldset className="min-w-0">
      <legend className="font-semibold text-xl tracking-tight">Countries you can text</legend>
      <p className="mt-1 max-w-2xl text-muted">
        Only turn on countries where the companies that use your API are. Fraudsters trigger texts to overseas
        numbers to make money.
      </p>
      <SearchField query={query} onChange={setQuery} />
      <p role="status" className="mt-2 text-muted text-sm tabular-nums">
        {query.trim() ? `${formatFound(found.length)} ${summary}` : summary}
      </p>
      {found.length > 0 ? (
        <ul className="mt-3 grid max-h-80 gap-x-6 gap-y-3 overflow-y-auto rounded-md border border-line p-3.5 sm:grid-cols-2 lg:grid-cols-3">
          {found.map(({ code, name, callingCode }) => (
            <li key={code}>
              <CheckboxField
                name={`country-${code}`}
                label={`${name} +${callingCode}`}
                description={code === ownCountry ? 'Always on' : undefined}
                checked={code === ownCountry || selected.includes(code)}
                disabled={code === ownCountry}
                onChange={(event) => toggle(code, event.currentTarget.checked)}
              />
            </li>
          ))}
        </ul>
      ) : (
        <p className="mt-3 rounded-md border border-line px-3.5 py-6 text-center text-muted">
          No countries match “<bdi>{query.trim()}</bdi>”. Try a shorter search or a dialling code such as +45.
        </p>
      )}
    </fieldset>
  );
}

type SearchFieldProps = { query: string; onChange: (query: string) => void };

function SearchField({ query, onChange }: SearchFieldProps) {
  // The list is filtered while typing. Enter would submit the form around it.
  function preventSubmit(event: KeyboardEvent) {
    if (event.key === 'Enter') event.preventDefault();
  }
  return (
    <div className="relative mt-3 sm:max-w-sm">
      <Search aria-hidden="true" className="pointer-events-none absolute start-3 top-3 size-4 text-muted" />
      <input
        type="search"
        aria-label="Search countries"
        placeholder="Country or dialling code"
        value={query}
        maxLength={60}
        autoComplete="off"
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={preventSubmit}
        className="field ps-9"
      />
    </div>
  );
}
