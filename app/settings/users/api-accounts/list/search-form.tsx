'use client';
import { Search, X } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type FormEvent, useEffect, useRef, useTransition } from 'react';
import { Button } from '#components/button.tsx';
import { classNames } from '#components/class-names.ts';
import type { AccountFilter } from '#lib/api-accounts/list-filter.ts';
import { API_ACCOUNTS_PATH, buildAccountsHref } from './accounts-query.ts';
import { useSearchShortcut } from './use-search-shortcut.ts';

/**
 * Searches through the URL, so that *Back* and bookmarks restore the same list. Keeps the tab and the order. The key `/`
 * focuses the field.
 */
export function SearchForm({ filter }: { filter: AccountFilter }) {
  const { search, ...others } = filter;
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  const [pending, startTransition] = useTransition();
  useSearchShortcut(input);

  // Sets the field from the URL (after *Back* or *Clear search*) without losing the focus.
  useEffect(() => {
    if (input.current && input.current.value.trim() !== search) input.current.value = search;
  }, [search]);

  function submit(event: FormEvent) {
    event.preventDefault();
    const typed = input.current?.value.trim() ?? '';
    startTransition(() => router.push(buildAccountsHref({ filter: { ...others, search: typed } })));
  }

  return (
    <search className="min-w-0 flex-1 basis-full sm:max-w-md sm:basis-72">
      <form action={API_ACCOUNTS_PATH} onSubmit={submit} className="flex gap-2">
        <div className="relative min-w-0 flex-1">
          <Search
            aria-hidden="true"
            className="pointer-events-none absolute start-3 top-3 size-4 text-muted"
          />
          <input
            ref={input}
            type="search"
            name="search"
            aria-label="Search API accounts"
            aria-keyshortcuts="/"
            placeholder="Name, email or phone"
            defaultValue={search}
            maxLength={200}
            autoComplete="off"
            className={classNames(
              'peer field ps-9 [&::-webkit-search-cancel-button]:hidden',
              search ? 'pe-10' : 'sm:pe-10',
            )}
          />
          {search ? (
            <Link
              href={buildAccountsHref({ filter: others })}
              aria-label="Clear search"
              className="absolute end-1 top-1 grid size-8 place-items-center rounded-sm text-muted hover:text-ink"
            >
              <X aria-hidden="true" className="size-4" />
            </Link>
          ) : (
            <span
              aria-hidden="true"
              className="pointer-events-none absolute end-2.5 top-2.5 rounded-sm border border-line px-1.5 font-sans text-muted text-xs peer-focus:hidden max-sm:hidden pointer-coarse:hidden"
            >
              /
            </span>
          )}
        </div>
        <Button type="submit" className="min-h-10 sm:min-h-10" pending={pending}>
          Search
        </Button>
      </form>
    </search>
  );
}
