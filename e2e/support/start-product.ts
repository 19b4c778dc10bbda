import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

import type { FullConfig } from '@playwright/test';

import type { Product } from './session.ts';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Starts the built binary as a newcomer would, in an empty data folder, once for every parallel worker: tests that pause or limit
 * what the whole installation does never meet. PRODUCT_URL names a server that runs already, REGISTRY_URL its registry;
 * then nothing is started.
 */
export default async function startProducts(config: FullConfig): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.PRODUCT_URL;
  const products = given ? [] : await Promise.all(Array.from({ length: config.workers }, (_, index) => startProduct(index)));
  const signed = given
    ? [{ ...(await signIn(given)), registry: process.env.REGISTRY_URL ?? 'http://127.0.0.1:8421' }]
    : await Promise.all(products.map(async (product) => ({ ...(await signIn(product.url)), registry: await product.registry })));
  process.env.PRODUCTS = JSON.stringify(signed);
  return async () => {
    await Promise.all(products.map((product) => product.stop()));
  };
}

async function startProduct(index: number): Promise<{ url: string; registry: Promise<string>; stop: () => Promise<void> }> {
  const data = mkdtempSync(path.join(tmpdir(), 'taskurotta-e2e-'));
  const output = path.join(root, 'e2e/output');
  mkdirSync(output, { recursive: true });
  const file = `product-${index}.log`;
  const log = createWriteStream(path.join(output, file));
  const child = spawn(path.join(root, 'bin/taskurotta'), ['dev', '--port=0'], {
    cwd: root,
    env: { ...process.env, TASKUROTTA_DATA: data, TASKUROTTA_DEMO_LANGUAGE: 'en' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr.pipe(log);
  const registry = new Promise<string>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const found = /the registry of the examples answers" page=(\S+)/.exec(line);
      if (found?.[1]) resolve(found[1]);
    });
  });
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the product printed no URL within 120 s; see e2e/output/${file}`)), 120_000);
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.write(line + '\n');
      const found = /https?:\/\/\S+\?token=\S+/.exec(line);
      if (found) {
        clearTimeout(timer);
        resolve(found[0]);
      }
    });
    child.once('exit', (code) => reject(new Error(`the product ended with code ${code}; see e2e/output/${file}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const gone = once(child, 'exit');
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
    if (child.exitCode === null) await gone;
    clearTimeout(late);
    rmSync(data, { recursive: true, force: true });
  };
  return { url, registry, stop };
}

/** The printed address signs in once; all tests on that product use the session that it gives. */
async function signIn(address: string): Promise<Omit<Product, 'registry'>> {
  const url = new URL(address);
  const answer = await fetch(`${url.origin}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url.origin },
    body: JSON.stringify({ token: url.searchParams.get('token') }),
  });
  if (!answer.ok) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`);
  const cookie = /taskurotta_session=([^;]+)/.exec(answer.headers.getSetCookie().join(';'))?.[1];
  if (!cookie) throw new Error('sign-in gave no cookie');
  return { origin: url.origin, session: cookie };
}
