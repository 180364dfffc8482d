/** @type {import('next').NextConfig} Written in JavaScript, because Next.js would compile TypeScript at every start. */
const config = {
  poweredByHeader: false,
  images: { unoptimized: true },
  // Sends a page's title with the page, not streamed after it, so that screen readers announce it.
  htmlLimitedBots: /.*/,
  // Native or dynamic code that the bundler must leave alone.
  serverExternalPackages: ['@node-rs/argon2', 'pg', 'pg-boss'],
  experimental: { serverActions: { bodySizeLimit: '16kb' } },
  // `npm run check` checks the types.
  typescript: { ignoreBuildErrors: true },
};

export default config;
