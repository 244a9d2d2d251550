import { describe, expect, test } from 'vitest';
import { csvLine } from '../../bot/web/csv.ts';
import { runReportCsv } from '../../bot/web/run-report-csv.ts';
import type { Mailbox } from '../../services/model/mailbox.ts';
import type { Run } from '../../services/model/run.ts';
import type { ReportRow } from '../../services/testing/run-report.ts';
import { longNames, mailbox as mailboxOf, normal, run as runOf } from '../cards/card-fixtures.ts';

describe('a line of CSV', () => {
  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '|cmd', '\t=1', '\r=1', '\n=1', ' =1', '＝1', '＋1', '－1', '＠1'])(
    'keeps %j from being a formula',
    (cell) => {
      expect(csvLine([cell])).toMatch(/^"'/);
    },
  );

  test('quotes text, leaves numbers and gaps bare, and stays one line', () => {
    expect(csvLine(['a"b', 'x,y;z', 'two\r\nlines', 1.5, null, ''])).toBe('"a""b","x,y;z","two lines",1.5,,""\r\n');
  });

  test('does not change what is harmless', () => {
    expect(csvLine(['kim.o-hara@contoso.test', 'a=b'])).toBe('"kim.o-hara@contoso.test","a=b"\r\n');
  });
});

const now = Date.UTC(2026, 0, 5, 10);

async function linesOf(run: Run, rows: readonly ReportRow[]): Promise<string[]> {
  async function* given() {
    yield* rows;
  }
  let text = '';
  for await (const chunk of runReportCsv(run, given(), { locale: 'en', now })) text += chunk;
  expect(text.startsWith('\uFEFF')).toBe(true);
  return text.slice(1).split('\r\n');
}

const ended = (changes: Partial<Run> = {}): Run =>
  runOf(normal, {
    id: 'K7Q2AB',
    state: 'completed',
    total: 3,
    done: 3,
    succeeded: 2,
    failed: 1,
    retrying: 1,
    causes: { ErrorQuotaExceeded: 1 },
    leftOut: { notApproved: 4, withoutProfile: 0, nothingToTest: 12, alreadyInRun: 0 },
    startedAt: now - 125_000,
    finishedAt: now - 5_000,
    ...changes,
  });

const rowOf = (changes: Partial<ReportRow>, mailbox: Partial<Mailbox> = {}): ReportRow => ({
  address: 'kim@contoso.test',
  fault: null,
  testedAt: now - 60_000,
  phases: {},
  mailbox: { ...mailboxOf(normal, 0), ...mailbox },
  ...changes,
});

describe('the report of a run', () => {
  test('begins with what a change ticket asks for: what, who, when, how many, why', async () => {
    const lines = await linesOf(ended(), []);
    expect(lines.slice(0, lines.indexOf(''))).toEqual([
      '"Run","K7Q2AB · Test & Enable · Contoso on-premises · ⚠ Some failed"',
      `"Started by","${normal.person}"`,
      '"Time","Jan 5, 2026, 9:57 AM UTC to Jan 5, 2026, 9:59 AM UTC (2 min)"',
      '"Mailboxes","3: 2 succeeded, 1 failed (1 of them will be tried again)"',
      '"Left out","4 not approved; 12 not tested: delivery by Email Router, Outlook, Forward Mailbox or None"',
      '"What failed","1 × The mailbox is full (ErrorQuotaExceeded)"',
      '"Report made","Jan 5, 2026, 10:00 AM UTC"',
    ]);
  });

  test('has a line a mailbox: result, each direction with code and seconds, tries, next try', async () => {
    const fault = { code: 'ErrorQuotaExceeded', params: {} } as const;
    const phases = {
      incoming: { direction: 'incoming', fault: null, durationMs: 120 },
      outgoing: { direction: 'outgoing', fault, durationMs: 2340 },
    } as const;
    const then = { postponedUntil: now + 300_000, transientFailureCount: 2, status: 2, actMethod: 0 } as const;
    const lines = await linesOf(ended(), [rowOf({ fault, phases }, then)]);
    const at = lines.indexOf('');
    expect(lines[at + 1]).toBe(
      '"Address","Type","Result","Incoming","Incoming error code","Incoming seconds","Outgoing","Outgoing error code",' +
        '"Outgoing seconds","Appointments, contacts and tasks","ACT error code","ACT seconds","Tested (UTC)",' +
        '"What failed","Next step","State now","Failed tries so far","Next try (UTC)"',
    );
    const line = lines[at + 2] ?? '';
    expect(line).toMatch(
      /^"kim@contoso\.test","User","Failed","Succeeded","",0\.12,"Failed","ErrorQuotaExceeded",2\.34,/,
    );
    expect(line).toContain(
      '"Not tested: delivery method Dynamics 365 for Outlook","",,"2026-01-05 09:59:00","The mailbox is full"',
    );
    expect(line).toMatch(/"✗ Failure",2,"2026-01-05 10:05:00"$/);
  });

  test('says of a run that goes on how much is missing, and of a mailbox that is gone that it is', async () => {
    const lines = await linesOf(ended({ state: 'paused', total: 10, finishedAt: null }), [
      rowOf({ mailbox: undefined }),
    ]);
    expect(lines[0]).toBe('"Run","K7Q2AB · Test & Enable · Contoso on-premises · – Paused"');
    expect(lines).toContain(
      '"Mailboxes","10: 2 succeeded, 1 failed (1 of them will be tried again), 7 not yet tested"',
    );
    expect(lines).toContain('"Time","Jan 5, 2026, 9:57 AM UTC, for 2 min 5 s so far"');
    expect(lines.at(-2)).toMatch(/^"kim@contoso\.test","","Succeeded","Not tested","",,.*"Deleted",,""$/);
  });

  test('lets no name become a formula or a second line', async () => {
    const run = ended({
      requestedByName: '=HYPERLINK("http://evil.example","x")',
      title: { kind: 'profile', name: '@x' },
    });
    const lines = await linesOf(run, [rowOf({ address: "-2+3+cmd|'/c calc'!a1@x.test" })]);
    expect(lines).toContain(`"Started by","'=HYPERLINK(""http://evil.example"",""x"")"`);
    expect(lines.at(-2)?.startsWith(`"'-2+3+cmd|`)).toBe(true);
    const wide = await linesOf(ended({ requestedByName: longNames.person }), []);
    expect(wide.filter((line) => line.startsWith('"Started by"'))).toHaveLength(1);
  });

  test('has a cell for each title in every line', async () => {
    const lines = await linesOf(ended(), [rowOf({}), rowOf({ mailbox: undefined })]);
    const cells = (line: string): number => line.replaceAll(/"(?:[^"]|"")*"/g, 'x').split(',').length;
    const rows = lines.slice(lines.indexOf('') + 1, -1).map(cells);
    expect(rows).toEqual([18, 18, 18]);
  });
});
