import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

export interface BotProcess {
  readonly url: string;
  /** Everything that the bot wrote: standard output and error. */
  output(): string;
  /** kill -9, as a crash would; resolves when the process is gone. */
  crash(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  readonly exited: Promise<number | null>;
}

const outputLimit = 32 * 1024 * 1024;

const botEntry = fileURLToPath(new URL('../bot/main.ts', import.meta.url));

/** Starts the real bot in its own process and waits until it answers. The sandbox knows its entry file and nothing more. */
export async function startBotProcess(
  environment: Readonly<Record<string, string>>,
  port: number,
  entry = botEntry,
): Promise<BotProcess> {
  const child = spawn(process.execPath, [entry], {
    // Nothing of this process's environment but what a program needs to run: the bot must not find a proxy or a key here.
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...environment, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: string[] = [];
  let size = 0;
  const keep = (chunk: Buffer): void => {
    size += chunk.length;
    if (size <= outputLimit) chunks.push(chunk.toString('utf8'));
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
  });
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(url, child, () => chunks.join(''));
  return {
    url,
    output: () => chunks.join(''),
    exited,
    async crash() {
      child.kill('SIGKILL');
      await exited;
    },
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** A port that is free now; taken beforehand, since the form's address names it. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}

const readyWithinMs = 60_000;
const askEveryMs = 50;

async function waitUntilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const until = Date.now() + readyWithinMs;
  while (Date.now() < until) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the bot ended at its start:\n${output().slice(-4000)}`);
    try {
      const answer = await fetch(`${url}/readyz`);
      if (answer.ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => {
      setTimeout(resolve, askEveryMs);
    });
  }
  child.kill('SIGKILL');
  throw new Error(`the bot did not get ready within ${readyWithinMs / 1000} s:\n${output().slice(-4000)}`);
}
