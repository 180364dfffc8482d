import { Notice } from '#components/notice.tsx';
import { Heading } from './heading.tsx';

/** For someone who is signed in but may not see the rules: which role is needed, and who can give it. */
export function NoAccess() {
  return (
    <>
      <Heading />
      <Notice tone="warning" title="You do not have access to this page" className="max-w-2xl">
        <p>
          To see this page you need the role Settings Administrator. Someone who has it can give it to you.
        </p>
      </Notice>
    </>
  );
}
