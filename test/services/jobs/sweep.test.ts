import { describe, expect, it } from 'vitest';
import { sweep } from '../../../services/jobs/sweep.ts';
import { planImport } from '../../../services/mailboxes/plan-import.ts';
import { draftLifetimeMs } from '../../../services/model/draft.ts';
import { secretRequestLifetimeMs } from '../../../services/model/secret-request.ts';
import { keyOf, type Change } from '../../../services/storage/store.ts';
import { DraftJourney, oauthDetails } from '../../support/draft-journey.ts';
import { incidentRecord } from '../../support/incident-record.ts';
import { ada, adaChat, env, MailroomStage } from '../../support/mailroom-stage.ts';
import { meet, review } from '../../support/owner-stage.ts';
import { saveSettings } from '../../support/save-settings.ts';

const dayMs = 24 * 60 * 60 * 1000;

describe('the sweep', () => {
  it('destroys a password whose code nobody typed in ten minutes, and its draft asks anew', async () => {
    const stage = await MailroomStage.open();
    const journey = await DraftJourney.begin(stage);
    await journey.details();
    await journey.post();
    expect(await stage.store.count('credential', {})).toBe(1);
    stage.clock.advance(secretRequestLifetimeMs - 1);
    await sweep(stage, env);
    expect(await stage.store.count('credential', {})).toBe(1);
    stage.clock.advance(1);
    expect(await sweep(stage, env)).toBeGreaterThan(0);
    expect(await stage.store.count('credential', {})).toBe(0);
    expect(await journey.draft()).toMatchObject({ step: 'credential', credential: 'none' });
  });

  it('cancels a draft that was left for a day, with its confirmed password', async () => {
    const stage = await MailroomStage.open();
    const journey = await DraftJourney.begin(stage);
    await journey.details();
    await journey.confirm(await journey.post());
    stage.clock.advance(draftLifetimeMs);
    await sweep(stage, env);
    expect(await stage.store.count('credential', {})).toBe(0);
    expect(await journey.draft()).toMatchObject({ step: 'cancelled', credentialId: null });
  });

  it.each([
    ['the search for its server', (journey: DraftJourney) => journey.toFound()],
    [
      'its second card',
      async (journey: DraftJourney) => {
        await journey.toOAuthReview();
        await journey.say({ kind: 'back' });
        await journey.details(oauthDetails);
      },
    ],
  ])('cancels a draft that was left at %s, with its secret', async (_, leave) => {
    const stage = await MailroomStage.open();
    const journey = await DraftJourney.begin(stage);
    await leave(journey);
    expect(await stage.store.count('credential', {})).toBe(1);
    stage.clock.advance(draftLifetimeMs);
    await sweep(stage, env);
    expect(await stage.store.count('credential', {})).toBe(0);
    expect(await journey.draft()).toMatchObject({ step: 'cancelled', credentialId: null });
  });

  it('leaves what is in use alone, and puts finished records away after a week', async () => {
    const stage = await MailroomStage.open();
    await planImport(stage, env, ada, adaChat, 'user1@contoso.test');
    await saveSettings(stage, { incomingMethod: '0' });
    const journey = await DraftJourney.begin(stage);
    await journey.say({ kind: 'cancel' });
    await sweep(stage, env);
    expect(await stage.store.count('settingsDraft', {})).toBe(1);
    expect(await stage.store.count('importBatch', {})).toBe(1);
    expect(await stage.store.count('draft', {})).toBe(1);
    stage.clock.advance(7 * dayMs + 1);
    await sweep(stage, env);
    expect(await stage.store.count('settingsDraft', {})).toBe(0);
    expect(await stage.store.count('importBatch', {})).toBe(0);
    expect(await stage.store.count('draft', {})).toBe(0);
  });

  it('keeps the last hundred alerts of a cause that comes and goes, with what is known of their messages, for half a year', async () => {
    const stage = await MailroomStage.open();
    const put = (id: string, causeId: string, resolvedAt: number | null): Change[] => [
      {
        kind: 'put',
        collection: 'incident',
        key: keyOf(env, id),
        value: incidentRecord(env, id, 0, { causeId, resolvedAt, state: resolvedAt === null ? 'open' : 'resolved' }),
      },
      {
        kind: 'put',
        collection: 'message',
        key: keyOf(env, 'alerts', 'incident', id),
        value: {
          environmentId: env,
          conversationId: 'alerts',
          kind: 'incident',
          subjectId: id,
          activityId: id,
          sentAt: 0,
          edits: 1,
        },
      },
    ];
    const now = stage.clock.now();
    await stage.store.commit([
      ...Array.from({ length: 650 }, (_unused, index) => put(`flaps${index}`, 'flaps', now - index)).flat(),
      ...put('once', 'once', now),
      ...put('open', 'flaps', null),
    ]);
    const kept = [...Array.from({ length: 100 }, (_unused, index) => `flaps${index}`), 'once', 'open'];
    await sweep(stage, env);
    expect((await stage.all('incident')).map(({ id }) => id)).toEqual(kept.toSorted());
    expect((await stage.all('message')).map(({ subjectId }) => subjectId)).toEqual(kept.toSorted());
    stage.clock.advance(180 * dayMs + 1);
    await sweep(stage, env);
    expect((await stage.all('incident')).map(({ id }) => id)).toEqual(['open']);
    expect((await stage.all('message')).map(({ subjectId }) => subjectId)).toEqual(['open']);
  });

  it('forgets messages about what passed half a year ago, and none that may still change', async () => {
    const stage = await MailroomStage.open();
    const kinds = ['status', 'run', 'alert-digest', 'approval', 'owner'] as const;
    await stage.store.commit(
      kinds.map((kind) => ({
        kind: 'put',
        collection: 'message',
        key: keyOf(env, 'alerts', kind, 'x'),
        value: {
          environmentId: env,
          conversationId: 'alerts',
          kind,
          subjectId: 'x',
          activityId: kind,
          sentAt: stage.clock.now(),
          edits: 0,
        },
      })),
    );
    const known = async () => (await stage.all('message')).map(({ kind }) => kind);
    stage.clock.advance(180 * dayMs);
    await sweep(stage, env);
    expect(await known()).toHaveLength(kinds.length);
    stage.clock.advance(1);
    await sweep(stage, env);
    expect(await known()).toEqual(['approval', 'owner']);
  });

  it('forgets after years whom Mailroom cannot reach, and what they were told; not whoever only reads their card', async () => {
    const stage = await MailroomStage.open();
    await meet(stage, 'kim', 'kim@contoso.test', false);
    await meet(stage, 'lee', 'lee@contoso.test');
    await review(stage);
    stage.clock.advance(401 * dayMs);
    await sweep(stage, env);
    expect((await stage.all('person')).map(({ aadObjectId }) => aadObjectId)).toEqual(['lee']);
    expect(await stage.get('ownerReview', 'person', 'kim')).toMatchObject({ kind: 'person', aadObjectId: 'kim' });
  });
});
