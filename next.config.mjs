/** @type {import('next').NextConfig} Written in JavaScript, because Next.js would compile TypeScript at every start. */
const config = {
  poweredByHeader: false,
  images: { unoptimized: true },
  // Makes Next.js send a page's title with the page instead of streaming it later, so that screen readers announce it.
  htmlLimitedBots: /.*/,
  serverExternalPackages: [
    // The bundler must not include native or dynamic code.
    ...['@node-rs/argon2', 'pg', 'pg-boss'],
    // The bundler would copy these large packages for nearly every route, so web would need more memory and more time to
    // build and to start.
    ...['@simplewebauthn/server', 'drizzle-orm', 'libphonenumber-js', 'openid-client', 'zod'],
  ],
  // Change notices that were sent earlier link to the former path. Browsers keep the fragment with the token.
  redirects: async () => [{ source: '/not-us', destination: '/report-change', permanent: true }],
  experimental: {
    serverActions: { bodySizeLimit: '16kb' },
    // Nothing reads source maps.
    turbopackSourceMaps: false,
    turbopackInputSourceMaps: false,
    // Writing the cache takes as long as it saves at the next build. `npm run dev` has one.
    turbopackFileSystemCacheForBuild: false,
  },
  // `npm run check` checks the types.
  typescript: { ignoreBuildErrors: true },
};

export default config;
