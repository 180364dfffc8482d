import { buttonClass } from '#components/button-class.ts';
import { PublicFrame } from '#components/public-frame.tsx';
import { settings } from '#lib/platform/config/settings.ts';
import { EncodedLink } from './links/encoded-link.tsx';

const TITLE = 'Page not found';

export const metadata = { title: TITLE };

export default function NotFoundPage() {
  return (
    <PublicFrame
      organisation={settings().organisationName}
      title={TITLE}
      description="The address may be mistyped, or the page may have moved."
    >
      <EncodedLink />
      {/* Not a `Link`, whose code every page would load with this one. */}
      <a href="/" className={buttonClass('primary', 'md', 'w-full')}>
        Go to API Accounts
      </a>
    </PublicFrame>
  );
}
