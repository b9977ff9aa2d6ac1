import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** The two faces that every page shows are asked for before the stylesheet has been read. */
function preloadFonts(): Plugin {
  return {
    name: 'wisp-preload-fonts',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((file) => /-(next|mono)-latin-wght-normal-.*\.woff2$/.test(file))
          .map((file) => ({
            tag: 'link',
            attrs: { rel: 'preload', as: 'font', type: 'font/woff2', href: `/${file}`, crossorigin: true },
            injectTo: 'head' as const,
          })),
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), preloadFonts()],
  // The Worker is an ES module like everything else: one copy of each shared chunk, no eval, no blob.
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    // A data: URI would need `data:` in the Content-Security-Policy.
    assetsInlineLimit: 0,
    // The polyfill is an inline script in disguise, and every browser we target preloads modules.
    modulePreload: { polyfill: false },
  },
});
