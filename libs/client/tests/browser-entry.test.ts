import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';

test('the browser’s entry reaches neither LevelDB nor the file system', async () => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL('../src/browser.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    // libsodium's loader asks for it only where there is no WebCrypto.
    external: ['crypto'],
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.filter((path) => path.endsWith('store/indexeddb-ground.ts'))).toHaveLength(1);
  expect(
    inputs.filter((path) => /classic-level|level-ground|file-machine-keys|stored-cookies/.test(path)),
  ).toEqual([]);
});
