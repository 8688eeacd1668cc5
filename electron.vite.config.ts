import { join } from 'node:path';
import vueI18n from '@intlify/unplugin-vue-i18n/vite';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import { notices } from './scripts/notices.mjs';

const at = (...path: string[]): string => join(import.meta.dirname, ...path);

/** Licences of what is in the product, as `notices.json` beside the page: About fetches it. */
const thirdParties: Plugin = {
  name: 'third-parties',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'notices.json', source: JSON.stringify(notices()) });
  },
};

// Only the window is built. Core and engine run their TypeScript as it is.
export default defineConfig({
  main: { build: { outDir: 'out/main', rollupOptions: { input: at('src/main/index.ts') } } },
  preload: {
    build: {
      outDir: 'out/preload',
      // A sandboxed preload script is CommonJS.
      rollupOptions: { input: at('src/preload/index.ts'), output: { format: 'cjs', entryFileNames: 'index.cjs' } },
    },
  },
  renderer: {
    root: at('src/renderer'),
    publicDir: at('resources/icons'),
    plugins: [
      thirdParties,
      vue(),
      vueI18n({ include: at('src/locales/**/*.json'), strictMessage: true, runtimeOnly: true }),
    ],
    build: {
      outDir: at('out/renderer'),
      emptyOutDir: true,
      minify: 'oxc',
      // Inlined images would need `data:` in the page's policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rollupOptions: {
        input: at('src/renderer/index.html'),
        // zod is told to compile nothing before any schema is made: both in one piece, which every other one imports.
        output: { manualChunks: (id) => (/node_modules\/zod\/|\/strict-zod\.ts$/.test(id) ? 'zod' : undefined) },
      },
    },
  },
});
