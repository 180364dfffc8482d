/** @type {import('next').NextConfig} JavaScript: for TypeScript, Next.js would load its compiler at every start. */
const config = {
  poweredByHeader: false,
  images: { unoptimized: true },
  // Everybody gets a page's title with the page, not after it: no screen reader opens one that has no name yet.
  htmlLimitedBots: /.*/,
  // Native or dynamic code that the bundler must leave alone.
  serverExternalPackages: ['@node-rs/argon2', 'pg', 'pg-boss'],
  experimental: { serverActions: { bodySizeLimit: '16kb' } },
  // `npm run check` has the types checked; the build need not do it again.
  typescript: { ignoreBuildErrors: true },
};

export default config;
