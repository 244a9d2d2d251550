import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../sandbox/exchange/index.ts';
import { rule } from './access.ts';

let standIn: ExchangeStandIn;
beforeAll(async () => {
  standIn = await startExchange({
    faults: rule('user2@contoso.test', 'html200', { operation: 'CreateItem' }),
  });
});
afterAll(() => standIn.close());

async function run(env: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }> {
  const program = fileURLToPath(new URL('./with-node-roots.ts', import.meta.url));
  return promisify(execFile)(process.execPath, [program, standIn.ews], {
    timeout: 15_000,
    env: { PATH: process.env['PATH'], ...env },
  });
}

test('NODE_EXTRA_CA_CERTS is trusted in the worker; the process ends by itself and prints nothing of the library’s', async () => {
  const { stdout, stderr } = await run({ NODE_EXTRA_CA_CERTS: standIn.ca });
  expect(stdout).toBe('[[null,null,null],[null,"AnswerNotSoap","AnswerNotSoap"]]\n');
  expect(stderr).toBe('');
});

test.each([{}, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }])('without it the same server is not trusted: %j', async (env) => {
  const { stdout } = await run(env);
  expect(JSON.parse(stdout)[0]).toEqual(['TlsUntrusted', 'TlsUntrusted', 'TlsUntrusted']);
});
