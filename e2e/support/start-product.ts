import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Starts the built binary as a newcomer would, in an empty data folder, and waits for its one URL.
 * PRODUCT_URL names a server that runs already; then nothing is started.
 */
export default async function startProduct(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.PRODUCT_URL) {
    await signIn(process.env.PRODUCT_URL);
    return undefined;
  }
  const data = mkdtempSync(path.join(tmpdir(), 'taskurotta-e2e-'));
  const output = path.join(root, 'e2e/output');
  mkdirSync(output, { recursive: true });
  const log = createWriteStream(path.join(output, 'product.log'));
  const child = spawn(path.join(root, 'bin/taskurotta'), ['dev'], {
    cwd: root,
    env: { ...process.env, TASKUROTTA_DATA: data },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr.pipe(log);
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the product printed no URL within 120 s; see e2e/output/product.log')), 120_000);
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.write(line + '\n');
      const found = /https?:\/\/\S+\?token=\S+/.exec(line);
      if (found) {
        clearTimeout(timer);
        resolve(found[0]);
      }
    });
    child.once('exit', (code) => reject(new Error(`the product ended with code ${code}; see e2e/output/product.log`)));
  });
  process.env.PRODUCT_URL = url;
  await signIn(url);
  return async () => {
    child.kill('SIGTERM');
    const gone = once(child, 'exit');
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
    if (child.exitCode === null) await gone;
    clearTimeout(late);
    rmSync(data, { recursive: true, force: true });
  };
}

/** The printed address signs in once; all tests use the session that it gives. */
async function signIn(address: string): Promise<void> {
  const url = new URL(address);
  const answer = await fetch(`${url.origin}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url.origin },
    body: JSON.stringify({ token: url.searchParams.get('token') }),
  });
  if (!answer.ok) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`);
  const cookie = /taskurotta_session=([^;]+)/.exec(answer.headers.getSetCookie().join(';'))?.[1];
  if (!cookie) throw new Error('sign-in gave no cookie');
  process.env.PRODUCT_SESSION = cookie;
}
