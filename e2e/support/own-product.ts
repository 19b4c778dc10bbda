// A product of a test's own, whose workers the test starts and stops.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.resolve(import.meta.dirname, '../..');
const output = path.join(root, 'e2e/output');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  clearTimeout(late);
}

export interface OwnProduct {
  origin: string;
  /** Of whoever the printed address signs in. */
  session: string;
  /** Starts the drill's worker program with these flags; the answer stops it, at once when it is to die. */
  worker(...flags: string[]): (die?: boolean) => Promise<void>;
  stop(): Promise<void>;
}

/** Starts the built binary with a Redis of its own and without any worker. */
export async function startOwnProduct(name: string): Promise<OwnProduct> {
  mkdirSync(output, { recursive: true });
  const program = path.join(output, 'drill-worker');
  // As `make build` builds, whose work is used again.
  const built = spawnSync('go', ['build', '-trimpath', '-o', program, './e2e/worker'], { cwd: root, encoding: 'utf8', env: { ...process.env, CGO_ENABLED: '0' } });
  if (built.status !== 0) throw new Error(`build the worker: ${built.stderr}`);
  const data = mkdtempSync(path.join(tmpdir(), `taskurotta-${name}-`));
  const log = createWriteStream(path.join(output, `${name}.log`));
  const redisPort = await freePort();
  const redisURL = `redis://127.0.0.1:${redisPort}`;
  const redis = spawn('redis-server', ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--dir', data], { stdio: 'ignore' });
  const child = spawn(path.join(root, 'bin/taskurotta'), ['dev', '--port', '0', '--no-worker', '--redis-url', redisURL], {
    cwd: root,
    env: { ...process.env, TASKUROTTA_DATA: data },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr.pipe(log);
  const url = await new Promise<URL>((resolve, reject) => {
    const timer = setTimeout(() => { reject(new Error(`no URL within 60 s; see e2e/output/${name}.log`)); }, 60_000);
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.write(line + '\n');
      const found = /https?:\/\/\S+\?token=\S+/.exec(line);
      if (found) {
        clearTimeout(timer);
        resolve(new URL(found[0]));
      }
    });
    child.once('exit', (code) => { reject(new Error(`the product ended with code ${code}; see e2e/output/${name}.log`)); });
  });
  const answer = await fetch(`${url.origin}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url.origin },
    body: JSON.stringify({ token: url.searchParams.get('token') }),
  });
  const session = /taskurotta_session=([^;]+)/.exec(answer.headers.getSetCookie().join(';'))?.[1];
  if (session === undefined) throw new Error(`sign-in answered ${answer.status}`);

  const workers = new Set<ChildProcess>();
  return {
    origin: url.origin,
    session,
    worker(...flags) {
      const worker = spawn(program, flags, {
        env: {
          ...process.env, TASKUROTTA_REDIS_URL: redisURL, TASKUROTTA_SERVER_URL: url.origin,
          TASKUROTTA_WORKER_TOKEN: readFileSync(path.join(data, 'worker.token'), 'utf8').trim(),
          TASKUROTTA_INSTALLATION: readFileSync(path.join(data, 'installation'), 'utf8').trim(),
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      worker.stderr.pipe(log, { end: false });
      workers.add(worker);
      return async (die = false) => {
        workers.delete(worker);
        if (die) worker.kill('SIGKILL');
        await ended(worker);
      };
    },
    async stop() {
      await Promise.all([...workers].map(ended));
      await ended(child);
      await ended(redis);
      rmSync(data, { recursive: true, force: true });
    },
  };
}
