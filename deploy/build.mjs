// Builds what runs: the web client and one bundle per process. npm's packages stay outside of the bundles.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Workspaces are bundled; everything that came from a registry is left to Node. */
const externalPackages = {
  name: 'external-packages',
  setup(plugin) {
    plugin.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@wisp/') ? undefined : { path, external: true },
    );
  },
};

/** A source file finds what lies beside it (migrations, configurations) by its own address, not by the bundle's. */
const sourceAddresses = {
  name: 'source-addresses',
  setup(plugin) {
    plugin.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes('import.meta.url')) return undefined;
      const address = relative(`${root}dist`, path).split(sep).map(encodeURIComponent).join('/');
      const contents = text.replaceAll('import.meta.url', `new URL('${address}', import.meta.url).href`);
      return { contents, loader: 'ts' };
    });
  },
};

const entries = {
  start: 'deploy/local/src/start.ts',
  cluster: 'deploy/local/src/cluster.ts',
  warden: 'deploy/local/src/cluster/warden.ts',
  'auth-service': 'services/auth-service/src/main.ts',
  'group-service': 'services/group-service/src/main.ts',
  'message-service': 'services/message-service/src/main.ts',
  gateway: 'services/gateway/src/main.ts',
};

await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(root + path))),
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'linked',
  plugins: [externalPackages, sourceAddresses],
  logLevel: 'warning',
});

const { status } = spawnSync(
  process.execPath,
  [`${root}node_modules/vite/bin/vite.js`, 'build', '--logLevel', 'error'],
  {
    cwd: `${root}web`,
    stdio: 'inherit',
  },
);
if (status !== 0) process.exit(status ?? 1);
