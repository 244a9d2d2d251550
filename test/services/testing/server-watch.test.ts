import { describe, expect, it } from 'vitest';
import { isOfServer, ServerWatch, type Unanswered } from '../../../services/testing/server-watch.ts';

const minute = 60_000;
const host = 'mail.contoso.test';
const watchOf = () => new ServerWatch({ silenceMs: 5 * minute, probeMs: minute });
const silent = (mailboxId: string, changes: Partial<Unanswered> = {}): Unanswered => ({
  mailboxId,
  circuitOpen: false,
  since: null,
  isOnlyOne: false,
  ...changes,
});

describe('whose trouble it is', () => {
  it('counts nothing the first time: nobody knows yet', () => {
    const watch = watchOf();
    watch.answered(host, 0);
    expect(watch.unanswered(host, silent('kim'), 10)).toEqual({ kind: 'unclear', since: 10 });
  });

  it('is the mailbox, when the server has answered another one since', () => {
    const watch = watchOf();
    watch.unanswered(host, silent('kim'), 10);
    watch.answered(host, 20);
    expect(watch.unanswered(host, silent('kim', { since: 10 }), 5 * minute)).toEqual({ kind: 'mailbox' });
    expect(watch.out).toEqual([]);
  });

  it('is the server, when nobody had an answer for a while, also without the gate noticing', () => {
    const watch = watchOf();
    watch.unanswered(host, silent('kim'), 0);
    expect(watch.unanswered(host, silent('lee'), minute)).toMatchObject({ kind: 'unclear' });
    expect(watch.unanswered(host, silent('kim', { since: 0 }), 5 * minute)).toMatchObject({
      kind: 'outage',
      isNews: true,
    });
    expect(watch.out).toEqual([host]);
  });

  it('is the server at once, when the gate knows of the outage', () => {
    const watch = watchOf();
    watch.answered(host, 0);
    expect(watch.unanswered(host, silent('kim', { circuitOpen: true, since: -5 }), 10)).toMatchObject({
      kind: 'outage',
    });
  });

  it('does not take one mailbox for the server while there are others that have not asked', () => {
    const watch = watchOf();
    watch.unanswered(host, silent('kim'), 0);
    expect(watch.unanswered(host, silent('kim', { since: 0 }), 60 * minute)).toMatchObject({ kind: 'unclear' });
  });

  it('takes the only mailbox of a server for the server', () => {
    const watch = watchOf();
    watch.unanswered(host, silent('kim', { isOnlyOne: true }), 0);
    const again = silent('kim', { since: 0, isOnlyOne: true });
    expect(watch.unanswered(host, again, 6 * minute)).toMatchObject({ kind: 'outage' });
  });

  it('holds nothing against a mailbox that went unanswered before or during an outage', () => {
    const watch = watchOf();
    watch.unanswered(host, silent('kim'), 0);
    watch.unanswered(host, silent('lee', { circuitOpen: true }), 1);
    watch.answered(host, 10 * minute);
    expect(watch.unanswered(host, silent('kim', { since: 0 }), 11 * minute)).toEqual({
      kind: 'unclear',
      since: 11 * minute,
    });
  });

  it('keeps servers apart', () => {
    const watch = watchOf();
    watch.unanswered(host, silent('kim', { circuitOpen: true }), 0);
    expect(watch.mayAsk('other.contoso.test', 'lee', 1)).toBe(true);
    expect(watch.mayAsk(host, 'lee', 1)).toBe(false);
  });
});

describe('during an outage', () => {
  it('lets one ask at a time, a minute apart, and only that one has news', () => {
    const watch = watchOf();
    watch.unanswered(host, silent('kim', { circuitOpen: true }), 0);
    expect(watch.unanswered(host, silent('max'), 1)).toMatchObject({ kind: 'outage', isNews: false });
    expect(watch.mayAsk(host, 'lee', minute - 1)).toBe(false);
    expect(watch.mayAsk(host, 'lee', minute)).toBe(true);
    expect(watch.mayAsk(host, 'max', minute)).toBe(false);
    expect(watch.unanswered(host, silent('lee'), minute)).toMatchObject({ kind: 'outage', isNews: true });
  });

  it('ends with the first answer, which is told once', () => {
    const watch = watchOf();
    watch.restore(host, 0);
    expect(watch.mayAsk(host, 'kim', 1)).toBe(true);
    expect(watch.answered(host, 2)).toBe(true);
    expect(watch.answered(host, 3)).toBe(false);
    expect(watch.out).toEqual([]);
    expect(watch.mayAsk(host, 'lee', 3)).toBe(true);
  });
});

it('knows the faults of a server that end with its trouble from those of mailboxes and passwords', () => {
  const of = (code: Parameters<typeof isOfServer>[0]['code']): boolean => isOfServer({ code, params: {} });
  for (const code of ['ConnectionRefused', 'TlsExpired', 'DnsNotFound', 'HttpUnavailable', 'ErrorServerBusy'] as const)
    expect(of(code)).toBe(true);
  for (const code of ['CredentialRefused', 'ErrorMailboxStoreUnavailable', 'ErrorNonExistentMailbox'] as const)
    expect(of(code)).toBe(false);
});

describe('a clock that is set back', () => {
  const day = 24 * 60 * minute;

  it('neither lets an old answer speak for the server all day, nor keeps its probe or its rest for a day', () => {
    const watch = watchOf();
    watch.answered(host, day);
    watch.backOff(host, minute, day);
    expect(watch.mayAsk(host, 'kim', day + 1)).toBe(false);
    expect(watch.mayAsk(host, 'kim', 0)).toBe(true);
    expect(watch.unanswered(host, silent('kim', { since: day }), 0)).toEqual({ kind: 'unclear', since: 0 });
    watch.unanswered(host, silent('lee'), minute);
    expect(watch.unanswered(host, silent('kim', { since: 0 }), 6 * minute)).toMatchObject({ kind: 'outage' });
  });

  it('lets the next probe of an outage go', () => {
    const watch = watchOf();
    watch.unanswered(host, silent('kim', { circuitOpen: true }), day);
    expect(watch.mayAsk(host, 'lee', day + 1)).toBe(false);
    expect(watch.mayAsk(host, 'lee', 0)).toBe(true);
    expect(watch.out).toEqual([host]);
  });
});

describe('after an announced outage', () => {
  it('lets one go ahead of the others, a probe at a time, until there is an answer', () => {
    const watch = watchOf();
    watch.rest(host, 0);
    expect([watch.mayAsk(host, 'kim', 1), watch.mayAsk(host, 'lee', 2)]).toEqual([true, false]);
    expect(watch.mayAsk(host, 'lee', minute + 1)).toBe(true);
    expect(watch.answered(host, minute + 2)).toBe(false);
    expect(watch.mayAsk(host, 'max', minute + 3)).toBe(true);
  });

  it('has forgotten whoever went unanswered before: an outage takes as long to be certain as ever', () => {
    const watch = watchOf();
    watch.unanswered(host, silent('kim'), 0);
    watch.unanswered(host, silent('lee'), 1);
    watch.rest(host, 60 * minute);
    expect(watch.unanswered(host, silent('kim', { since: 0 }), 61 * minute)).toEqual({
      kind: 'unclear',
      since: 61 * minute,
    });
    expect(watch.unanswered(host, silent('lee', { since: 1 }), 62 * minute)).toMatchObject({ kind: 'unclear' });
    expect(watch.unanswered(host, silent('max'), 67 * minute)).toMatchObject({ kind: 'outage', isNews: true });
  });

  it('goes on with an outage that was known before', () => {
    const watch = watchOf();
    watch.unanswered(host, silent('kim', { circuitOpen: true }), 0);
    watch.rest(host, minute);
    expect(watch.out).toEqual([host]);
    expect(watch.answered(host, 2 * minute)).toBe(true);
  });
});
