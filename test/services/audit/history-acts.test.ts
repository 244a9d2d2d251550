import { beforeEach, expect, it } from 'vitest';
import { decideRequest } from '../../../services/approvals/decide-mailboxes.ts';
import { readHistory, type HistoryRow } from '../../../services/audit/read-history.ts';
import type { ApprovalRequest } from '../../../services/model/approval-request.ts';
import { auditEntry } from '../../../services/model/audit.ts';
import { approvalStage, requestFor } from '../../support/approval-stage.ts';
import { ada, env, pia, type MailroomStage } from '../../support/mailroom-stage.ts';

/* What one decision wrote about many mailboxes is one line of the history; whoever names the request or an address sees each. */

const addresses = Array.from({ length: 30 }, (_, index) => `user${index + 10}@contoso.test`);

let stage: MailroomStage;
let request: ApprovalRequest;

beforeEach(async () => {
  stage = await approvalStage();
  request = await requestFor(stage, addresses);
  const { id, revision } = request;
  await decideRequest(stage, env, pia, id, revision, 'all', { verdict: 'approved', reason: null });
  const later = auditEntry(env, stage.clock.now(), ada, 'run.started', ['R1'], { mailboxes: 1 });
  await stage.store.commit([{ kind: 'append', log: 'audit', entry: later }]);
});

const page = (filter: string, at = 0, size = 10) =>
  readHistory(stage, env, { filter, page: at, size, upTo: Number.MAX_SAFE_INTEGER, names: {} });

const kinds = (rows: readonly HistoryRow[]): [string, number][] => rows.map(({ entry, count }) => [entry.kind, count]);

it('is one line with its number, between what came before and after it', async () => {
  const { rows } = await page('', 0, 3);
  expect(kinds(rows)).toEqual([
    ['run.started', 1],
    ['approval.approved', 30],
    ['mailboxes.imported', 1],
  ]);
  const line = rows[1];
  expect((line?.position ?? 0) - (line?.firstPosition ?? 0)).toBe(29);
});

it('takes one place on a page, also at its border', async () => {
  expect(kinds((await page('', 0, 1)).rows)).toEqual([['run.started', 1]]);
  expect(kinds((await page('', 1, 1)).rows)).toEqual([['approval.approved', 30]]);
  expect(kinds((await page('', 2, 1)).rows)).toEqual([['mailboxes.imported', 1]]);
});

it('opens by the name of its request, a line for each mailbox', async () => {
  const first = await page(request.id, 0, 10);
  expect(first.hasNext).toBe(true);
  expect(kinds(first.rows)).toEqual(Array.from({ length: 10 }, () => ['approval.approved', 1]));
  const seen = [first, await page(request.id, 1), await page(request.id, 2)].flatMap(({ rows }) => rows);
  expect(seen).toHaveLength(30);
  expect(new Set(seen.map(({ entry }) => entry.subjects[0]))).toEqual(new Set(addresses));
});

it('shows of a named mailbox its own entry alone', async () => {
  const { rows } = await page('user17@contoso.test approval.approved');
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({
    count: 1,
    entry: { subjects: ['user17@contoso.test'], actorId: 'pia', details: { request: request.id, askedById: 'ada' } },
  });
});
