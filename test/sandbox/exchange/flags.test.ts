/* oxlint-disable unicorn/no-thenable -- a fault rule reads "for this mailbox, then that"; its `then` is data */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FlagError, readFlags } from '../../../sandbox/exchange/flags.ts';
import { startExchange } from '../../../sandbox/exchange/index.ts';

const MAIN = join(import.meta.dirname, '../../../sandbox/exchange/main.ts');

describe('the flags of npm run exchange', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exchange-flags-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('become options', async () => {
    const file = join(folder, 'faults.json');
    await writeFile(file, '[{"mailbox":"*","then":"reset"}]');
    const rules = join(folder, 'autodiscover.json');
    await writeFile(rules, '[{"then":"hang"}]');
    const line = `--port 0 --host mail.contoso.test --product se --schemes ews=negotiate,NTLM,Basic;autodiscover=Basic --ntlm-challenge last --extended-protection require --http-port 0 --external-url https://a.test/ --internal-url https://b.test/ --autodiscover ${rules} --mailboxes 3 --service-account CONTOSO\\svc --password p=1 --impersonation-scope user* --latency-ms 5 --concurrency 4 --lockout 3 --faults ${file} --tls-dir ${folder} --certificate expired --tls-min 1.0 --tls-max 1.2 --delegate sales* --issuer https://login.test/t/v2.0 --audience https://mail.contoso.test`;
    expect(readFlags(line.split(' '))).toEqual({
      port: 0,
      host: 'mail.contoso.test',
      product: 'se',
      schemes: { ews: ['Negotiate', 'NTLM', 'Basic'], autodiscover: ['Basic'] },
      challengePlace: 'last',
      extendedProtection: 'require',
      httpPort: 0,
      externalUrl: 'https://a.test/',
      internalUrl: 'https://b.test/',
      autodiscoverRules: [{ then: 'hang' }],
      mailboxes: 3,
      serviceAccount: 'CONTOSO\\svc',
      password: 'p=1',
      impersonationScope: 'user*',
      latencyMs: 5,
      concurrency: 4,
      lockout: 3,
      faults: [{ mailbox: '*', then: 'reset' }],
      tlsDir: folder,
      certificate: 'expired',
      tlsMin: '1.0',
      tlsMax: '1.2',
      delegates: [{ mailbox: 'sales*', rights: 'editor' }],
      issuer: 'https://login.test/t/v2.0',
      audience: 'https://mail.contoso.test',
    });
  });

  it('offer what Exchange is installed with, where nothing else is said', () => {
    const installed = { ews: ['Negotiate', 'NTLM'], autodiscover: ['Negotiate', 'NTLM', 'Basic'] };
    expect(readFlags([])).toEqual({ schemes: installed });
    expect(readFlags(['--schemes', 'ews=Basic'])).toEqual({ schemes: { ...installed, ews: ['Basic'] } });
  });

  it.each([
    ['--nonsense 1', "Unknown option '--nonsense'"],
    ['--product 2010', '--product: "2010" is not supported'],
    ['--schemes ews=Digest', '--schemes: "Digest" is not supported'],
    ['--schemes owa=Basic', '--schemes: "owa=Basic" is not supported'],
    [
      '--extended-protection maybe',
      '--extended-protection: "maybe" is not supported, none, allow, require is expected',
    ],
    ['--external-url http://a.test', '--external-url: "http://a.test" is not supported'],
    ['--issuer https://login.test', '--issuer and --audience: one goes with the other'],
    ['--product 2013sp1 --issuer https://a.test --audience b', '--issuer: Exchange 2013 SP1 has no Hybrid'],
    ['--tls-min 0.9', '--tls-min: "0.9" is not supported, 1.0, 1.1, 1.2, 1.3 is expected'],
    ['--mailboxes many', '--mailboxes: "many" is not supported'],
    ['--concurrency 0', '--concurrency: "0" is not supported'],
    ['--faults /nowhere/at.all', '--faults: /nowhere/at.all cannot be read'],
  ])('%s is refused in one line', (line, reason) => {
    const read = (): unknown => readFlags(line.split(' '));
    expect(read).toThrow(FlagError);
    expect(read).toThrow(reason);
    expect(read).not.toThrow(/\n/);
  });

  it('end the program with code 2 and one line when they are wrong', async () => {
    const result = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
      execFile(process.execPath, [MAIN, '--nonsense', 'https://login.test'], (error, _stdout, stderr) => {
        resolve({ code: error?.code, stderr });
      });
    });
    expect(result).toEqual({ code: 2, stderr: "exchange: Unknown option '--nonsense'\n" });
  });

  it('start a program that prints one line of JSON and ends on SIGTERM', async () => {
    const child = spawn(process.execPath, [MAIN, '--tls-dir', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolve) => {
      child.stdout.once('data', (data: Buffer) => {
        resolve(data.toString());
      });
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    expect(JSON.parse(line)).toEqual({
      ews: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+\/EWS\/Exchange\.asmx$/),
      autodiscover: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+\/Autodiscover\/Autodiscover\.xml$/),
      ca: join(folder, 'ca.pem'),
      control: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(await ended).toBe(0);
  });

  it('let a restarted stand-in keep its authority', async () => {
    const first = await startExchange({ tlsDir: folder });
    await first.close();
    const second = await startExchange({ tlsDir: folder });
    await second.close();
    expect(second.caCertificate).toBe(first.caCertificate);
    expect(await readFile(second.ca, 'utf8')).toBe(first.caCertificate);
  });
});
