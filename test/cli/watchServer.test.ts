/** The server of the page: who gets an answer, and what. */
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nextLines } from '../../src/cli/watch/lines.ts';
import { named, type Served, serve } from '../../src/cli/watch/server.ts';
import { suiteFolder, temporaryFolder } from '../support/temporaryFolder.ts';

describe('the server', () => {
  const folder = suiteFolder();
  const run = join(folder, 'run');
  let served: Served;
  let port: string;
  beforeAll(async () => {
    mkdirSync(run);
    writeFileSync(join(run, 'metrics.jsonl'), '{"step":1,"loss":2}\n{"step":2,"lo');
    writeFileSync(join(run, 'secret.txt'), 'secret');
    served = await serve({ runs: [run, join(folder, 'later')], port: 0 });
    port = new URL(served.address).port;
  });
  afterAll(() => served.close());

  interface Asked {
    readonly method?: string;
    readonly headers?: Record<string, string>;
  }

  /** Asks as no browser would let a page ask: with any path, Host and Origin. */
  function ask(path: string, { method = 'GET', headers = {} }: Asked = {}) {
    return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
      (resolve, reject) => {
        const asked = request({ host: '127.0.0.1', port, path, method, headers }, async (answer) =>
          resolve({ status: answer.statusCode!, headers: answer.headers, body: await text(answer) }),
        );
        asked.on('error', reject).end();
      },
    );
  }

  test('listens on the loopback address alone', () => {
    expect(served.address).toBe(`http://127.0.0.1:${port}/`);
  });

  test.each(['', 'watch.css', 'main.js', 'uPlot.js', 'uPlot.css', 'runs', 'runs/0/metrics?from=0'])(
    'answers /%s, with headers that let a page do nothing else',
    async (path) => {
      const { status, headers, body } = await ask(`/${path}`);
      expect(status).toBe(200);
      expect(body.length).toBeGreaterThan(10);
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self';/,
      );
      expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|http/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  test('answers whoever asks for localhost, or comes from the page itself', async () => {
    const headers = { Host: `localhost:${port}`, Origin: `http://localhost:${port}` };
    expect((await ask('/runs', { headers })).body).toBe('["run","later"]');
  });

  test.each([
    ['a name that was made to lead here', { Host: 'evil.example' }],
    ['such a name with the port', { Host: 'evil.example:PORT' }],
    ['another port', { Host: '127.0.0.1:1' }],
    ['a page elsewhere', { Origin: 'http://evil.example' }],
    ['a page of nowhere', { Origin: 'null' }],
    ['a server on another port here', { Origin: 'http://127.0.0.1:1' }],
    ['https', { Origin: 'https://127.0.0.1:PORT' }],
  ])('refuses %s', async (_, given) => {
    const headers = Object.fromEntries(
      Object.entries(given as Record<string, string>).map(([name, value]) => [
        name,
        value.replace('PORT', port),
      ]),
    );
    for (const path of ['/', '/runs', '/runs/0/metrics?from=0'])
      expect(await ask(path, { headers })).toMatchObject({ status: 403, body: '' });
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])('refuses %s', async (method) => {
    expect((await ask('/', { method })).status).toBe(405);
  });

  test.each([
    '/secret.txt',
    '/runs/0/secret.txt',
    '/runs/0/../secret.txt',
    '/../../../../etc/passwd',
    '/%2e%2e/%2e%2e/package.json',
    '/runs/2/metrics?from=0',
    '/runs/-1/metrics',
    '/runs/0/checkpoint',
    '/server.ts',
    '/tsconfig.json',
    '//evil.example/x',
    'http://[',
  ])('has no %s', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, body: '' });
  });

  test.each(['-1', '1.5', 'x', '1e99'])('takes no %s for a byte', async (from) => {
    expect((await ask(`/runs/0/metrics?from=${from}`)).status).toBe(400);
  });

  test('sends whole lines, and nothing for a run that has none yet', async () => {
    const { headers, body } = await ask('/runs/0/metrics?from=0');
    expect(body).toBe('{"step":1,"loss":2}\n');
    const more = await ask(`/runs/0/metrics?from=${body.length}&version=${headers['x-version']}`);
    expect(more).toMatchObject({ status: 200, body: '' });
    expect(more.headers['x-from']).toBe(`${body.length}`);
    expect(await ask('/runs/1/watch?from=0')).toMatchObject({ status: 200, body: '' });
  });

  test('a taken port is an error that names it; the usual one gives way', async () => {
    await expect(serve({ runs: [run], port: Number(port) })).rejects.toThrow(
      `watch: the port can be listened on. got ${port}: listen EADDRINUSE`,
    );
    await expect(serve({ runs: [run], port: 99_999 })).rejects.toThrow(
      'the port can be listened on. got 99999',
    );
    const servers = [await serve({ runs: [run] }), await serve({ runs: [run] })];
    const addresses = servers.map(({ address }) => address);
    for (const { close } of servers) close();
    expect(new Set(addresses).size).toBe(2);
  });
});

test('runs have the names of their folders, or their paths where those are the same', () => {
  expect(named(['runs/a', 'runs/b/'])).toEqual(['a', 'b']);
  expect(named(['x/a', 'y/a', 'b'])).toEqual(['x/a', 'y/a', 'b']);
});

describe('the next lines of a file', () => {
  const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

  test('are those that were appended, whole ones, however they were written', () => {
    const path = join(temporaryFolder(), 'lines');
    const written = fc.array(fc.string({ unit: 'grapheme', maxLength: 9 }), { maxLength: 12 });
    fc.assert(
      fc.property(written, (parts) => {
        writeFileSync(`${path}-new`, '');
        renameSync(`${path}-new`, path);
        let [version, next, got] = ['', 0, ''];
        for (const part of parts) {
          appendFileSync(path, part.replaceAll('a', '\n'));
          const portion = nextLines(path, version, next);
          expect(portion.from).toBe(next);
          [version, next] = [portion.version, portion.from + portion.bytes.length];
          got += read(portion.bytes);
        }
        const all = parts.join('').replaceAll('a', '\n');
        expect(got).toBe(all.slice(0, all.lastIndexOf('\n') + 1));
      }),
    );
  });

  test('are the first ones again when another file has its place', () => {
    const path = join(temporaryFolder(), 'lines');
    writeFileSync(path, '1\n2\n3\n');
    const before = nextLines(path, '', 0);
    expect(read(before.bytes)).toBe('1\n2\n3\n');
    writeFileSync(`${path}-cut`, '1\n2\n4\n'); // as long, as a resumed run may make it
    renameSync(`${path}-cut`, path);
    expect(nextLines(path, before.version, 6)).toMatchObject({ from: 0 });
    expect(read(nextLines(path, before.version, 6).bytes)).toBe('1\n2\n4\n');
    const after = nextLines(path, '', 0);
    writeFileSync(path, '5\n'); // shorter, in place
    expect(read(nextLines(path, after.version, 6).bytes)).toBe('5\n');
  });

  test('are none where there is no file, or a folder', () => {
    const folder = temporaryFolder();
    for (const path of [folder, join(folder, 'none')])
      expect(nextLines(path, 'x', 7)).toEqual({ version: '', from: 0, bytes: new Uint8Array() });
  });
});
