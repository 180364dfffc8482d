'use client';
import { Search, SlidersHorizontal } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type FormEvent, useEffect, useRef, useTransition } from 'react';
import { Button } from '#components/button.tsx';
import { buttonClass } from '#components/button-class.ts';
import { SelectField } from '#components/select-field.tsx';
import { TextField } from '#components/text-field.tsx';
import { FILTER_NAMES, listActiveFilters } from '#lib/audit/filter.ts';
import type { AuditFilter, NamedToken, NamedUser } from '#lib/audit/schema.ts';
import { AUDIT_LOG_PATH, buildAuditHref, CLEAR_FILTERS_LABEL } from './audit-query.ts';
import { FILTER_LABELS, NO_ACTOR_LABEL, OUTCOME_LABELS } from './detail-labels.ts';
import { ActionOptions, ActorOptions, UserOptions } from './filter-options.tsx';

type FilterFormProps = { filter: AuditFilter; users: NamedUser[]; tokens: NamedToken[] };

/** Checks whether the window is so narrow that the open filters would cover the results. */
const isNarrowWindow = () => window.matchMedia('(width < 40rem)').matches;

/** Loads the filtered entries on submit; in a narrow window, then closes the filters and scrolls to the results. */
function useFilterForm({ filter }: Pick<FilterFormProps, 'filter'>) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const details = useRef<HTMLDetailsElement>(null);
  const [pending, startTransition] = useTransition();
  const wasSubmitted = useRef(false);

  // Sets the fields from the URL (after *Back* or *Clear all*) without losing the focus.
  useEffect(() => {
    for (const name of FILTER_NAMES) {
      const field = form.current?.elements.namedItem(name);
      if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = filter[name];
    }
  }, [filter]);

  useEffect(() => {
    if (pending || !wasSubmitted.current) return;
    wasSubmitted.current = false;
    if (!details.current?.open || !isNarrowWindow()) return;
    details.current.open = false;
    // The button that had the focus is hidden with the filters.
    const summary = details.current.querySelector('summary');
    summary?.focus({ preventScroll: true });
    summary?.scrollIntoView({ block: 'start' });
  }, [pending]);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    const nextFilter = Object.fromEntries(FILTER_NAMES.map((name) => [name, typed[name]?.trim() ?? '']));
    wasSubmitted.current = true;
    startTransition(() => router.push(buildAuditHref(nextFilter), { scroll: false }));
  }

  return { form, details, pending, submit };
}

/** Filters the log through the URL, so that *Back* and bookmarks restore the same entries. */
export function FilterForm({ filter, users, tokens }: FilterFormProps) {
  const { form, details, pending, submit } = useFilterForm({ filter });
  const isFiltered = listActiveFilters(filter).length > 0;
  const filterCount = listActiveFilters(filter).filter(([name]) => name !== 'search').length;

  // Runs only in the browser, because the server does not know the width of the window.
  useEffect(() => {
    if (details.current && filterCount > 0 && !isNarrowWindow()) details.current.open = true;
  }, [details, filterCount]);

  return (
    <search>
      <form ref={form} action={AUDIT_LOG_PATH} onSubmit={submit} className="grid gap-2">
        <div className="flex flex-wrap gap-2">
          <SearchField search={filter.search} />
          <Button type="submit" className="min-h-10 sm:min-h-10" pending={pending}>
            Search
          </Button>
          {isFiltered && (
            <Link href={AUDIT_LOG_PATH} className={buttonClass('quiet', 'md', 'min-h-10 sm:min-h-10')}>
              {CLEAR_FILTERS_LABEL}
            </Link>
          )}
        </div>
        <details ref={details}>
          <summary className="inline-flex min-h-9 cursor-pointer list-none items-center gap-1.5 rounded-sm pe-2 font-medium text-muted hover:text-ink [&::-webkit-details-marker]:hidden">
            <SlidersHorizontal aria-hidden="true" className="size-4" />
            <span>{filterCount > 0 ? `Filters (${filterCount})` : 'Filters'}</span>
          </summary>
          <div className="mt-1.5 grid gap-4 rounded-lg border border-line bg-surface p-4">
            <FilterFields filter={filter} users={users} tokens={tokens} />
            <Button type="submit" className="sm:justify-self-start" pending={pending}>
              Apply
            </Button>
          </div>
        </details>
      </form>
    </search>
  );
}

function SearchField({ search }: { search: string }) {
  return (
    <div className="relative min-w-0 flex-1 basis-56 sm:max-w-md">
      <Search aria-hidden="true" className="pointer-events-none absolute start-3 top-3 size-4 text-muted" />
      <input
        type="search"
        name="search"
        aria-label="Search the audit log"
        placeholder="Username, name, email or IP address"
        defaultValue={search}
        maxLength={200}
        autoComplete="off"
        className="field ps-9"
      />
    </div>
  );
}

const DAY_HINT = 'UTC date';

function FilterFields({ filter, users, tokens }: FilterFormProps) {
  return (
    <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2 lg:grid-cols-4">
      <SelectField label={FILTER_LABELS.action} name="action" defaultValue={filter.action}>
        <ActionOptions />
      </SelectField>
      <SelectField label={FILTER_LABELS.by} name="by" defaultValue={filter.by}>
        <option value="">Anyone</option>
        <option value="none">{NO_ACTOR_LABEL}</option>
        <ActorOptions users={users} tokens={tokens} selected={filter.by} />
      </SelectField>
      <TextField
        label={FILTER_LABELS.account}
        name="account"
        placeholder="Username contains…"
        defaultValue={filter.account}
        maxLength={200}
        autoComplete="off"
        className="min-w-0 content-start"
      />
      <SelectField label={FILTER_LABELS.user} name="user" defaultValue={filter.user}>
        <option value="">Anyone</option>
        <UserOptions users={users} selected={filter.user} />
      </SelectField>
      <SelectField
        label={FILTER_LABELS.outcome}
        name="outcome"
        defaultValue={filter.outcome}
        className="content-start"
      >
        <option value="">All</option>
        <option value="done">{OUTCOME_LABELS.done}</option>
        <option value="refused">{OUTCOME_LABELS.refused}</option>
      </SelectField>
      <TextField
        label={FILTER_LABELS.from}
        name="from"
        type="date"
        defaultValue={filter.from}
        description={DAY_HINT}
      />
      <TextField
        label={FILTER_LABELS.to}
        name="to"
        type="date"
        defaultValue={filter.to}
        description={DAY_HINT}
      />
    </div>
  );
}
