import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const types: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** What a server has to say for its pages to be cross-origin isolated, that is, to share memory. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Serves a folder. */
export async function fileServer(
  folder: string,
  { isolated }: { isolated: boolean },
): Promise<{ address: string; close(): void }> {
  const server = createServer(({ url = '' }, response) => {
    if (url === '/favicon.ico') return void response.writeHead(204).end(); // asked for by every browser
    const path = join(folder, url.endsWith('/') ? `${url}index.html` : url);
    try {
      const bytes = readFileSync(path);
      response.writeHead(200, { 'Content-Type': types[extname(path)], ...(isolated ? isolation : {}) });
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
