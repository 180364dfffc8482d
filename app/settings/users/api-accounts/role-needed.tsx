import { Notice } from '#components/notice.tsx';
import { PageHeading } from './page-heading.tsx';

/** For someone who is signed in but may not see the accounts: which role is needed, and who can give it. */
export function RoleNeeded({ message }: { message: string }) {
  return (
    <>
      <PageHeading />
      <Notice tone="warning" title="You do not have access to this page" className="max-w-2xl">
        <p>{message}</p>
      </Notice>
    </>
  );
}
