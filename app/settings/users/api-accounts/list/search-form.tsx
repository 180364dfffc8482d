'use client';
import { Search, X } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type FormEvent, useEffect, useRef, useTransition } from 'react';
import { Button } from '#components/button.tsx';
import { API_ACCOUNTS_PATH, buildAccountsHref } from './accounts-query.ts';

/** Searches through the URL, so that *Back* and bookmarks restore the same list. */
export function SearchForm({ search }: { search: string }) {
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  const [pending, startTransition] = useTransition();

  // Sets the field from the URL (after *Back* or *Clear search*) without losing the focus.
  useEffect(() => {
    if (input.current && input.current.value.trim() !== search) input.current.value = search;
  }, [search]);

  function submit(event: FormEvent) {
    event.preventDefault();
    const typed = input.current?.value.trim() ?? '';
    startTransition(() => router.push(buildAccountsHref({ search: typed })));
  }

  return (
    <search className="min-w-0 flex-1 basis-full sm:max-w-md sm:basis-auto">
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
            placeholder="Username or email address"
            defaultValue={search}
            maxLength={200}
            autoComplete="off"
            className="field ps-9 pe-10 [&::-webkit-search-cancel-button]:hidden"
          />
          {search && (
            <Link
              href={API_ACCOUNTS_PATH}
              aria-label="Clear search"
              className="absolute end-1 top-1 grid size-8 place-items-center rounded-sm text-muted hover:text-ink"
            >
              <X aria-hidden="true" className="size-4" />
            </Link>
          )}
        </div>
        <Button type="submit" className="min-h-10 sm:min-h-10" pending={pending}>
          Search
        </Button>
      </form>
    </search>
  );
}
