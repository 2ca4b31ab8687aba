import { defineConfig } from 'vite';

/** With these a server allows threads; without them the page runs on one. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  base: './', // so that the folder works wherever it lies
  resolve: { tsconfigPaths: true },
  build: { target: 'es2022' },
  worker: { format: 'es' }, // so that the course's loads only the check that is asked for
  server: { headers: isolation },
  preview: { headers: isolation },
});
