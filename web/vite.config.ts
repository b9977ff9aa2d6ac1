import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react(), tailwindcss()],
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
