import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type BuildOptions, build, context, type Plugin, stop } from 'esbuild';
import { SERVICE_NAMES, type ServiceName } from '#lib/platform/config/services.ts';

type TestProgram = 'test-worker';

const NATIVE_PACKAGES = ['pg-native', '@node-rs/argon2'];
/** Web shares these with Next.js, which loads them from node_modules (`serverExternalPackages` in next.config.mjs). */
const PACKAGES_SHARED_WITH_NEXT = ['next', 'pg', 'pg-boss'];

/** Excludes the @react-email/render that Resend imports to render React. We pass HTML, so Resend never loads it. */
const excludeResendRenderer: Plugin = {
  name: 'exclude-resend-renderer',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^@react-email\/render$/ }, ({ path: name, kind, importer }) =>
      kind === 'dynamic-import' && /node_modules.resend/.test(importer)
        ? { path: name, external: true }
        : null,
    );
  },
};

/** Returns esbuild's options. Dynamic imports go to separate files, so that they are loaded only when needed. */
function createBuildOptions(program: ServiceName | TestProgram, root: string, folder: string): BuildOptions {
  return {
    entryPoints: [path.join(root, `scripts/${program}.ts`)],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    chunkNames: `${program}/[name]-[hash]`,
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    external: [...NATIVE_PACKAGES, ...(program === 'web' ? PACKAGES_SHARED_WITH_NEXT : [])],
    plugins: [excludeResendRenderer],
    logLevel: 'error',
    // Bundled CommonJS packages call `require` for Node.js's own modules.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  };
}

/**
 * Builds the programs of the three services, so that they start without transpiling or reading many files.
 * Keeps the files of earlier builds: a running service may still load them.
 */
export async function bundlePrograms(root: string, folder: string): Promise<void> {
  await Promise.all(SERVICE_NAMES.map((program) => build(createBuildOptions(program, root, folder))));
  // Ends esbuild's own process.
  await stop();
}

/** Builds a program that only tests run. */
export async function bundleTestProgram(program: TestProgram, root: string, folder: string): Promise<void> {
  await build(createBuildOptions(program, root, folder));
  await stop();
}

/**
 * Builds the programs, and rebuilds a program when one of its files changes.
 * @param onRebuilt called after each further successful build
 * @returns the function that stops watching
 */
export async function watchPrograms(
  root: string,
  folder: string,
  onRebuilt: (program: ServiceName) => void,
): Promise<() => Promise<void>> {
  await rm(folder, { recursive: true, force: true });
  const contexts = await Promise.all(
    SERVICE_NAMES.map(async (program) => {
      let builds = 0;
      const firstBuild = Promise.withResolvers<string | undefined>();
      const notify: Plugin = {
        name: 'notify',
        setup: ({ onEnd }) =>
          onEnd(({ errors }) => {
            builds += 1;
            if (builds > 1 && errors.length === 0) onRebuilt(program);
            else firstBuild.resolve(errors[0]?.text);
          }),
      };
      const options = createBuildOptions(program, root, folder);
      const watched = await context({ ...options, plugins: [...(options.plugins ?? []), notify] });
      await watched.watch();
      // `watch` returns before its first build ends; a change before that would not cause a rebuild.
      const problem = await firstBuild.promise;
      if (problem) throw new Error(`The program ${program} couldn't be built: ${problem}`);
      return watched;
    }),
  );
  return async () => void (await Promise.all(contexts.map((watched) => watched.dispose())));
}
