import { describe, expect, it } from 'vitest';
import { cancelRunCard } from '../../cards/cancel-run-card.ts';
import { mailboxCard } from '../../cards/mailbox-card.ts';
import { mailboxChangeCard } from '../../cards/mailbox-change-card.ts';
import { mailboxEditCard } from '../../cards/mailbox-edit-card.ts';
import { undoCard } from '../../cards/undo-card.ts';
import { noEffect, type MailboxChange, type UndoStep } from '../../services/model/mailbox-change.ts';
import type { Mailbox } from '../../services/model/mailbox.ts';
import { admin, checked, mailbox, normal, now, run } from './card-fixtures.ts';

const works = { status: 1, enabled: true, fault: null } as const;
const one: Mailbox = {
  ...mailbox(normal, 0),
  approval: 1,
  profileId: 'p1',
  incoming: works,
  outgoing: works,
  act: { status: 0, enabled: false, fault: null },
  status: 1,
};
const saved = { stopped: [], asked: false };

const text = (view: { readonly card: object }): string => JSON.stringify(view.card);

describe('the next step', () => {
  it('of a saved mailbox says that nothing goes through only where the change itself made a test necessary', () => {
    const form = { profiles: [], errors: {} };
    const goesOn = text(mailboxEditCard(one, { ...form, saved: { ...saved, voided: [] } }, admin));
    expect(goesOn).toContain('need not be tested again');
    expect(goesOn).toContain('Not everything is enabled yet');
    expect(goesOn).not.toContain('until then nothing goes');
    const voided = text(mailboxEditCard(one, { ...form, saved: { ...saved, voided: ['act'] } }, admin));
    expect(voided).toContain('until then nothing goes');
    const without: Mailbox = { ...one, incoming: { ...one.incoming, enabled: false }, actMethod: 2 };
    expect(text(mailboxEditCard(without, { ...form, saved: { ...saved, voided: ['act'] } }, admin))).toContain(
      'Not everything is enabled yet',
    );
  });

  it('of an undo asks for tests only of what does not work again', () => {
    const step: UndoStep = {
      environmentId: 'main',
      id: 'u1',
      actorId: 'ada',
      kind: 'deactivate',
      filter: 'all',
      doneAt: now,
      was: [],
      became: [],
      items: [],
      runId: null,
      state: 'done',
      result: { restored: 3, left: 0, sample: [], working: 3 },
      revision: 2,
    };
    const result = (changes: object): UndoStep => ({
      ...step,
      result: { restored: 3, left: 0, sample: [], working: 3, ...changes },
    });
    expect(text(undoCard(step, null, admin))).toContain('Nothing to do: they work again');
    expect(text(undoCard(result({ working: 2 }), null, admin))).toContain('test status:notrun');
    expect(text(undoCard(result({ restored: 0, working: 0 }), null, admin))).not.toContain('work again as before.');
  });

  it('after a deactivation names a way that leads back', () => {
    const result = {
      changed: 3,
      unchanged: 0,
      changedSince: 0,
      gone: 0,
      stopped: 3,
      asked: 0,
      withdrawn: 0,
      tested: 0,
    };
    const change: MailboxChange = {
      environmentId: 'main',
      id: 'c1',
      actorId: 'ada',
      kind: 'deactivate',
      filter: 'all',
      items: [],
      seen: [],
      edit: {},
      effect: { ...noEffect, matching: 3, changing: 3 },
      state: 'done',
      result: { ...result, runId: null, left: [] },
      createdAt: now,
      revision: 3,
    };
    const card = text(mailboxChangeCard(change, { profiles: [], errors: {} }, admin));
    // The command needs a filter: alone it is answered with what is missing.
    expect(card).not.toContain('“activate mailboxes”');
    expect(card).toContain('state:inactive');
    expect(
      text(mailboxChangeCard({ ...change, state: 'waiting', result: null }, { profiles: [], errors: {} }, admin)),
    ).toContain('"All mailboxes"');
  });

  it('of a mailbox at rest for a maintenance pushes no test', () => {
    const test = (restsUntil: number | null): object | undefined =>
      mailboxCard({ ...one, act: works }, { ...checked, profileName: 'P', restsUntil }, admin).card.actions?.find(
        ({ title }) => title === 'Test & Enable',
      );
    expect(test(null)).toMatchObject({ style: 'positive' });
    expect(test(now + 60_000)).not.toHaveProperty('style');
  });

  it('of a run that is kept does not say that it goes on while it is paused', () => {
    const kept = (state: 'running' | 'paused'): string =>
      text(cancelRunCard(run(normal, { state, total: 200, done: 99 }), { answered: true }, admin));
    expect(kept('running')).toContain('goes on: 99 of 200');
    expect(kept('paused')).toContain('stays paused: 99 of 200');
    expect(kept('paused')).toContain('Resume to go on');
    expect(kept('paused')).toContain('"title":"Open the run"');
  });

  it('is not "never tested" for a mailbox that works again after an undo', () => {
    const back = { ...one, act: works, lastTestedAt: null, lastTest: null };
    const card = (changes: object): string =>
      text(mailboxCard({ ...back, ...changes }, { ...checked, profileName: 'P' }, admin));
    expect(card({})).toContain('Before a change that was taken back');
    expect(card({ status: 0 })).toContain('"Never"');
  });
});
