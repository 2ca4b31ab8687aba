import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { fail } from '../../tensor/index.ts';
import { files } from '../folder.ts';
import { type Asset, readAssets } from './assets.ts';
import { nextLines, type Portion } from './lines.ts';

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

/** A page that is served. */
export interface Served {
  readonly address: string;
  readonly close: () => void;
}

/** Serves the page and the data of the runs, on the loopback address alone. */
export async function serve({ runs, port }: ServeOptions): Promise<Served> {
  const assets = readAssets();
  const server = createServer((request, response) => {
    const refused = refusal(request, (server.address() as AddressInfo).port);
    const { status, type = 'text/plain', body = '', from } = refused ?? answerTo(request.url!, runs, assets);
    const place = from ? { 'X-Version': from.version, 'X-From': from.from } : {};
    response.writeHead(status, { ...headers, ...place, 'Content-Type': `${type}; charset=utf-8` }).end(body);
  });
  await listen(server, port);
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { address: `http://${HOST}:${(server.address() as AddressInfo).port}/`, close };
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string | Uint8Array;
  /** Where in which file the body was read. */
  readonly from?: Pick<Portion, 'version' | 'from'>;
}

/**
 * What a request gets that is not welcome; null for one that is. A page elsewhere whose name was made to lead to this
 * machine (DNS rebinding) gives itself away by Host, any other by Origin.
 */
function refusal({ method, headers: { host, origin } }: IncomingMessage, port: number): Answer | null {
  const hosts = [`${HOST}:${port}`, `localhost:${port}`];
  const known = host !== undefined && hosts.includes(host);
  if (!known || (origin !== undefined && origin !== `http://${host}`)) return { status: 403 };
  return method === 'GET' ? null : { status: 405 };
}

/** The page's own files, the names of the runs, and the lines of a run's files from a byte on: nothing else. */
function answerTo(address: string, runs: readonly string[], assets: ReadonlyMap<string, Asset>): Answer {
  const url = URL.canParse(address, `http://${HOST}`) ? new URL(address, `http://${HOST}`) : null;
  const asset = assets.get(url?.pathname.slice(1) || 'index.html');
  if (url && asset) return { status: 200, type: asset.type, body: asset.text };
  if (url?.pathname === '/runs')
    return { status: 200, type: 'application/json', body: JSON.stringify(named(runs)) };
  const [, index, kind] = /^\/runs\/(\d+)\/(metrics|watch)$/.exec(url?.pathname ?? '') ?? [];
  const run = runs[Number(index)];
  if (!url || run === undefined) return { status: 404 };
  const from = Number(url.searchParams.get('from'));
  if (!Number.isSafeInteger(from) || from < 0) return { status: 400 };
  const path = join(run, files[kind as 'metrics' | 'watch']);
  const portion = nextLines(path, url.searchParams.get('version') ?? '', from);
  return { status: 200, type: 'application/jsonl', body: portion.bytes, from: portion };
}

async function listen(server: ReturnType<typeof createServer>, port: number | undefined): Promise<void> {
  try {
    await once(server.listen(port ?? PORT, HOST), 'listening');
  } catch (error) {
    if (port === undefined) await once(server.listen(0, HOST), 'listening');
    else
      fail(
        'watch',
        'the port can be listened on',
        `${port}: ${(error as Error).message}`,
        'choose another --port',
      );
  }
}

/** The runs by their folders' names, or whole paths where names are the same. */
export function named(runs: readonly string[]): string[] {
  const names = runs.map((run) => basename(resolve(run)));
  return names.map((name, i) => (names.indexOf(name) === names.lastIndexOf(name) ? name : runs[i]!));
}
