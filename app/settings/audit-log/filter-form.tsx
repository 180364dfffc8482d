'use client';
import { Search, SlidersHorizontal } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type FormEvent, useEffect, useRef, useTransition } from 'react';
import { Button } from '#components/button.tsx';
import { buttonClass } from '#components/button-class.ts';
import { SelectField } from '#components/select-field.tsx';
import { TextField } from '#components/text-field.tsx';
import { type AuditFilter, FILTER_NAMES, type NamedUser, setFilters } from '#lib/audit/schema.ts';
import { AUDIT_LOG_PATH, auditHref } from './audit-query.ts';
import { ActionOptions, ActorOptions } from './filter-options.tsx';

type FilterFormProps = { filter: AuditFilter; people: NamedUser[] };

/** Where all the filters fill the window, and hide what they find. */
const isPhone = () => window.matchMedia('(width < 40rem)').matches;

/** Asks for the entries, and brings whoever applied the filters on a phone to what was found. */
function useFilters({ filter }: Pick<FilterFormProps, 'filter'>) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const fold = useRef<HTMLDetailsElement>(null);
  const [pending, startTransition] = useTransition();
  const wasSent = useRef(false);

  // The fields follow the address (after *Back*, or *Clear*) without losing the keyboard.
  useEffect(() => {
    for (const name of FILTER_NAMES) {
      const field = form.current?.elements.namedItem(name);
      if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = filter[name];
    }
  }, [filter]);

  useEffect(() => {
    if (pending || !wasSent.current) return;
    wasSent.current = false;
    if (!fold.current?.open || !isPhone()) return;
    fold.current.open = false;
    // The button that had the keyboard is folded away with the filters.
    const summary = fold.current.querySelector('summary');
    summary?.focus({ preventScroll: true });
    summary?.scrollIntoView({ block: 'start' });
  }, [pending]);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    const wanted = Object.fromEntries(FILTER_NAMES.map((name) => [name, typed[name]?.trim() ?? '']));
    wasSent.current = true;
    startTransition(() => router.push(auditHref(wanted), { scroll: false }));
  }

  return { form, fold, pending, submit };
}

/** Narrows the log down by the address bar, so that *Back* and a bookmark bring the same entries again. */
export function FilterForm({ filter, people }: FilterFormProps) {
  const { form, fold, pending, submit } = useFilters({ filter });
  const isSet = setFilters(filter).length > 0;
  const more = setFilters(filter).filter(([name]) => name !== 'search').length;

  // Not on the server, which does not know the window: on a phone they would stand before what they found.
  useEffect(() => {
    if (fold.current && more > 0 && !isPhone()) fold.current.open = true;
  }, [fold, more]);

  return (
    <search>
      <form ref={form} action={AUDIT_LOG_PATH} onSubmit={submit} className="grid gap-2">
        <div className="flex flex-wrap gap-2">
          <SearchField search={filter.search} />
          <Button type="submit" className="min-h-10 sm:min-h-10" pending={pending}>
            Search
          </Button>
          {isSet && (
            <Link href={AUDIT_LOG_PATH} className={buttonClass('quiet', 'md', 'min-h-10 sm:min-h-10')}>
              Show everything
            </Link>
          )}
        </div>
        <details ref={fold}>
          <summary className="inline-flex min-h-9 cursor-pointer list-none items-center gap-1.5 rounded-sm pe-2 font-medium text-muted hover:text-ink [&::-webkit-details-marker]:hidden">
            <SlidersHorizontal aria-hidden="true" className="size-4" />
            <span>{more > 0 ? `Filters (${more} set)` : 'Filters'}</span>
          </summary>
          <div className="mt-1.5 grid gap-4 rounded-lg border border-line bg-surface p-4">
            <Fields filter={filter} people={people} />
            <Button type="submit" className="sm:justify-self-start" pending={pending}>
              Show what matches
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

function Fields({ filter, people }: FilterFormProps) {
  return (
    <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2 lg:grid-cols-4">
      <SelectField label="What" name="act" defaultValue={filter.act}>
        <ActionOptions />
      </SelectField>
      <SelectField label="By whom" name="by" defaultValue={filter.by}>
        <option value="">Anybody</option>
        <option value="nobody">Nobody who is signed in</option>
        <ActorOptions people={people} chosen={filter.by} />
      </SelectField>
      <TextField
        label="API account"
        name="account"
        placeholder="Part of its username"
        defaultValue={filter.account}
        maxLength={200}
        autoComplete="off"
        className="min-w-0 content-start"
      />
      <SelectField label="User it was done to" name="user" defaultValue={filter.user}>
        <option value="">Any or none</option>
        <ActorOptions people={people} chosen={filter.user} />
      </SelectField>
      <SelectField label="Outcome" name="outcome" defaultValue={filter.outcome}>
        <option value="">Any</option>
        <option value="done">Done</option>
        <option value="refused">Refused or failed</option>
      </SelectField>
      <TextField label="From (day in UTC)" name="from" type="date" defaultValue={filter.from} />
      <TextField label="To (day in UTC)" name="to" type="date" defaultValue={filter.to} />
    </div>
  );
}
