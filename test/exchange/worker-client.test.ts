import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WorkerClient } from '../../services/exchange/worker-client.ts';
import { basic, codesOf, requestFor } from './access.ts';

const settings = {
  allowList: [],
  deadlineMs: 1000,
  maxAnswerBytes: 1000,
  extraCa: null,
  proxy: null,
  sentItemsDelayMs: 0,
  autodiscoverAddresses: new Map<string, string>(),
};
const access = {
  serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
  account: 'svc',
  authentication: basic('svc', 'Sync!Pass1'),
  access: 'impersonation',
  credentialId: 'c1',
  maxConnections: 10,
} as const;
const never = new AbortController().signal;

let client: WorkerClient;
beforeEach(() => {
  client = new WorkerClient(settings, { entry: new URL('./dying-worker.ts', import.meta.url) });
});
afterEach(() => client.close());

const ask = (what: string, signal: AbortSignal = never) =>
  client.testMailbox(access, requestFor(`${what}@contoso.test`), signal);

describe('the EWS thread', () => {
  test.each(['exit', 'throw'])(
    'that dies (%s) ends everything pending with a passing fault, and starts again',
    async (how) => {
      const before = await ask('fine');
      const pending = ask('silent');
      const died = await ask(how);
      expect(codesOf(died)).toEqual(['WorkerFailed', 'WorkerFailed', 'WorkerFailed']);
      expect(codesOf(await pending)).toEqual(['WorkerFailed', 'WorkerFailed', 'WorkerFailed']);
      const after = await ask('fine');
      expect(after.calls).not.toBe(before.calls);
    },
  );

  test('is one thread for all calls', async () => {
    const reports = await Promise.all([ask('fine'), ask('fine'), ask('fine')]);
    expect(new Set(reports.map(({ calls }) => calls)).size).toBe(1);
  });

  test('that answers nothing any more is ended', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const stuck = ask('silent');
      await vi.advanceTimersByTimeAsync(60_000 + 10_000);
      expect(codesOf(await stuck)).toEqual(['WorkerFailed', 'WorkerFailed', 'WorkerFailed']);
    } finally {
      vi.useRealTimers();
    }
  });

  test('is asked no more after a signal, and its late answer is nobody’s', async () => {
    const controller = new AbortController();
    const call = ask('silent', controller.signal);
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    await expect(ask('fine', controller.signal)).rejects.toThrow('enough');
  });

  test('that is closed ends what is pending, and refuses more', async () => {
    const pending = ask('silent');
    const closed = expect(pending).rejects.toMatchObject({ code: 'exchange.closed' });
    await client.close();
    await closed;
    await expect(ask('fine')).rejects.toMatchObject({ code: 'exchange.closed' });
  });

  test('prints nothing on the process’s own streams', async () => {
    const write = vi.spyOn(process.stdout, 'write');
    await ask('password');
    await ask('fine');
    const printed = write.mock.calls.map(([chunk]) => String(chunk)).join('');
    write.mockRestore();
    expect(printed).not.toContain('Sync!Pass1');
  });
});
