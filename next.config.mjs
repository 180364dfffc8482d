/** @type {import('next').NextConfig} Written in JavaScript, because Next.js would compile TypeScript at every start. */
const config = {
  poweredByHeader: false,
  images: { unoptimized: true },
  // Makes Next.js send a page's title with the page instead of streaming it later, so that screen readers announce it.
  htmlLimitedBots: /.*/,
  // Packages with native or dynamic code, which the bundler must not include.
  serverExternalPackages: ['@node-rs/argon2', 'pg', 'pg-boss'],
  // Change notices that were sent earlier link to the former path. Browsers keep the fragment with the token.
  redirects: async () => [{ source: '/not-us', destination: '/report-change', permanent: true }],
  experimental: { serverActions: { bodySizeLimit: '16kb' } },
  // `npm run check` checks the types.
  typescript: { ignoreBuildErrors: true },
};

export default config;
