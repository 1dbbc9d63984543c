/** The one client bundle: src/web/client/main.tsx → dist/web, hashed names, a manifest for src/web/assets.ts. */
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/web/',
  publicDir: false,
  build: {
    outDir: 'dist/web',
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: { input: 'src/web/client/main.tsx' },
  },
});
