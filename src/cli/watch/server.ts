import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { fail } from '../../tensor/index.ts';
import { files } from '../folder.ts';
import { readAssets } from './assets.ts';
import { nextLines } from './lines.ts';

/** What is served, and where. */
export interface ServeOptions {
  /** The output folders of the runs. */
  readonly runs: readonly string[];
  /** Port; by default `PORT`, or any that is free if it is taken. */
  readonly port?: number | undefined;
}

/** The usual port, so that an open page finds the next run; the year of "Attention Is All You Need". */
const PORT = 2017;
const HOST = '127.0.0.1';

/** Headers of every answer: the page runs its own scripts and styles, speaks to nobody else, and is in no frame. */
const headers = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
};

/** Serves the page and the data of the runs on the loopback address; returns the page's address. */
export async function serve({ runs, port }: ServeOptions): Promise<string> {
  const assets = readAssets();
  const server = createServer((request, response) => {
    const reason = refusal(request, (server.address() as AddressInfo).port);
    if (reason) return send(response, reason, 'text/plain', '');
    const url = new URL(request.url!, `http://${HOST}`);
    const asset = assets.get(url.pathname.slice(1) || 'index.html');
    if (asset) return send(response, 200, asset.type, asset.text);
    if (url.pathname === '/runs') return send(response, 200, 'application/json', JSON.stringify(named(runs)));
    const [, index, kind] = /^\/runs\/(\d+)\/(metrics|watch)$/.exec(url.pathname) ?? [];
    const run = runs[Number(index)];
    if (run === undefined) return send(response, 404, 'text/plain', '');
    const from = Number(url.searchParams.get('from'));
    const version = url.searchParams.get('version') ?? '';
    if (!Number.isSafeInteger(from) || from < 0) return send(response, 400, 'text/plain', '');
    const portion = nextLines(join(run, files[kind as 'metrics' | 'watch']), version, from);
    response.setHeader('X-Version', portion.version).setHeader('X-From', portion.from);
    send(response, 200, 'application/jsonl', portion.bytes);
  });
  await listen(server, port);
  return `http://${HOST}:${(server.address() as AddressInfo).port}/`;
}

/**
 * The status of a request that gets no answer, or null. A page elsewhere whose name was made to lead to this
 * machine (DNS rebinding) gives itself away by Host, any other by Origin.
 */
function refusal({ method, headers: { host, origin } }: IncomingMessage, port: number): 403 | 405 | null {
  const hosts = [`${HOST}:${port}`, `localhost:${port}`];
  const known = host !== undefined && hosts.includes(host);
  if (!known || (origin !== undefined && origin !== `http://${host}`)) return 403;
  return method === 'GET' ? null : 405;
}

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response.writeHead(status, { ...headers, 'Content-Type': `${type}; charset=utf-8` }).end(body);
}

async function listen(server: ReturnType<typeof createServer>, port: number | undefined): Promise<void> {
  try {
    await once(server.listen(port ?? PORT, HOST), 'listening');
  } catch (error) {
    if (port === undefined) await once(server.listen(0, HOST), 'listening');
    else fail('watch', 'the port is free', `${port}: ${(error as Error).message}`, 'choose another --port');
  }
}

/** The runs by their folders' names, or whole paths where names are the same. */
export function named(runs: readonly string[]): string[] {
  const names = runs.map((run) => basename(resolve(run)));
  return names.map((name, i) => (names.indexOf(name) === names.lastIndexOf(name) ? name : runs[i]!));
}
