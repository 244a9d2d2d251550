import { describe, expect, it } from 'vitest';
import {
  noNotice,
  noticeAfter,
  ringEveryMs,
  type OwnerFinding,
  type OwnerNotice,
} from '../../services/model/owner-alert.ts';

const start = Date.UTC(2026, 0, 5, 9);
const minute = 60_000;
const fresh = noNotice('main', 'kim');
const trouble: OwnerFinding = { failing: 1, since: start - minute, isNewTrouble: true, isFirstSuccess: false };
const well: OwnerFinding = { failing: 0, since: Number.POSITIVE_INFINITY, isNewTrouble: false, isFirstSuccess: false };

describe('what a person is told', () => {
  it('is new trouble as the newest message, and its end without a call', () => {
    const told = noticeAfter(fresh, trouble, start);
    expect(told).toMatchObject({ rings: true, notice: { failingSince: start - minute, rungAt: start, ringAt: null } });
    const over = noticeAfter(told.notice, well, start + 5 * minute);
    expect(over.rings).toBe(false);
    expect(over.notice).toMatchObject({
      failingSince: null,
      news: { kind: 'over', since: start - minute, at: start + 5 * minute },
    });
  });

  it('is a call an hour at most, however often a mailbox breaks and mends itself all night', () => {
    let notice: OwnerNotice = fresh;
    let rings = 0;
    for (let at = start; at < start + 8 * ringEveryMs; at += 10 * minute) {
      const broken = noticeAfter(notice, { ...trouble, since: at }, at);
      const mended = noticeAfter(broken.notice, well, at + 5 * minute);
      notice = mended.notice;
      rings += Number(broken.rings) + Number(mended.rings);
    }
    expect(rings).toBe(8);
    expect(notice.ringAt).toBeNull();
  });

  it('is called later about trouble that came too soon and lasts', () => {
    const first = noticeAfter(fresh, trouble, start).notice;
    const second = noticeAfter(first, { ...trouble, failing: 2 }, start + minute);
    expect(second).toMatchObject({
      rings: false,
      notice: { ringAt: start + ringEveryMs, failingSince: start - minute },
    });
    // What is no news keeps the call that is owed.
    const third = noticeAfter(second.notice, { ...trouble, isNewTrouble: false }, start + 2 * minute);
    expect(third.notice.ringAt).toBe(start + ringEveryMs);
    expect(noticeAfter(third.notice, well, start + 3 * minute).notice.ringAt).toBeNull();
  });

  it('waits for no time that lies ahead because the clock was set back', () => {
    const told = noticeAfter(fresh, trouble, start + 24 * ringEveryMs).notice;
    expect(noticeAfter(told, trouble, start).rings).toBe(true);
  });

  it('is a first success once, but not in place of trouble or right after a call', () => {
    const success = { ...well, isFirstSuccess: true };
    expect(noticeAfter(fresh, success, start)).toMatchObject({ rings: true, notice: { news: { kind: 'works' } } });
    const failing = noticeAfter(fresh, { ...trouble, isFirstSuccess: true }, start).notice;
    expect(failing.news).toBeNull();
    const over = noticeAfter(failing, success, start + minute);
    expect(over).toMatchObject({ rings: false, notice: { news: { kind: 'over' } } });
  });

  it('is nothing new for whoever asked for silence', () => {
    const silent = { ...fresh, mutedAt: start - 1 };
    const told = noticeAfter(silent, trouble, start);
    expect(told).toMatchObject({ rings: false, notice: { rungAt: null, ringAt: null, failingSince: start - minute } });
    expect(noticeAfter(silent, { ...well, isFirstSuccess: true }, start).rings).toBe(false);
  });
});
