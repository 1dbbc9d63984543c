/** The client bundle: src/web/client/main.tsx, and passkey.ts and print.ts by themselves → dist/web, hashed names, a manifest for src/web/assets.ts. */
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/web/',
  publicDir: false,
  logLevel: 'warn',
  build: {
    outDir: 'dist/web',
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    // Nothing inline: the content security policy allows files of our own only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1300,
    rollupOptions: {
      input: ['src/web/client/main.tsx', 'src/web/client/passkey.ts', 'src/web/client/print.ts'],
      // The design system marks its files "use client", which means nothing in a bundle.
      onwarn(warning, warn) {
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') {
          warn(warning);
        }
      },
    },
  },
});
