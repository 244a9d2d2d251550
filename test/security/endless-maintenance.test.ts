import { expect, it } from 'vitest';
import { noMaintenanceValues, type MaintenanceValues } from '../../services/model/maintenance.ts';
import { localTimeOf } from '../../services/model/local-time.ts';
import { isMailroomError } from '../../services/model/error.ts';
import { extendMaintenance } from '../../services/profiles/change-maintenance.ts';
import { openWindows } from '../../services/profiles/maintenance-windows.ts';
import { announceMaintenance, askMaintenance } from '../../services/profiles/plan-maintenance.ts';
import { ada, adaChat, env, MailroomStage, refusal } from '../support/mailroom-stage.ts';

const dayMs = 24 * 60 * 60 * 1000;
const weekMs = 7 * dayMs;

/** A question about a window that begins then: a week, unless said otherwise. */
async function asked(stage: MailroomStage, startsAt: number, profileId = 'p1', lengthMs = weekMs): Promise<string> {
  const [start, end] = [localTimeOf(startsAt, 'UTC'), localTimeOf(startsAt + lengthMs, 'UTC')];
  const values: MaintenanceValues = {
    ...noMaintenanceValues,
    start: 'later',
    startDate: start.date,
    startTime: start.time,
    length: 'end',
    endDate: end.date,
    endTime: end.time,
    reason: 'Move',
  };
  const answer = await askMaintenance(stage, env, ada, profileId, values, 'UTC', adaChat);
  if (answer.kind === 'errors') throw new Error(JSON.stringify(answer.errors));
  return answer.window.id;
}

const announced = (stage: MailroomStage, id: string): Promise<string> =>
  announceMaintenance(stage, env, ada, id).then(
    () => 'announced',
    (error: unknown) => {
      if (isMailroomError(error)) return error.code;
      throw error;
    },
  );

/** A whole minute, as the form knows them. */
async function opened(): Promise<{ stage: MailroomStage; from: number }> {
  const stage = await MailroomStage.open();
  await stage.profile();
  return { stage, from: Math.ceil(stage.clock.now() / dayMs + 1) * dayMs };
}

it.each([0, 60_000, dayMs - 60_000])(
  'one admin cannot silence a server for a year by windows that follow each other after %i ms',
  async (gap) => {
    const { stage, from } = await opened();
    const answers: string[] = [];
    for (let week = 0; week < 3; week += 1)
      answers.push(await announced(stage, await asked(stage, from + week * (weekMs + gap))));
    expect(answers).toEqual(['announced', 'announced', 'maintenance.rest-too-long']);
  },
);

it('nor by windows that are announced in the same moment, or by one put between two', async () => {
  const { stage, from } = await opened();
  const ids: string[] = [];
  for (let week = 0; week < 3; week += 1) ids.push(await asked(stage, from + week * weekMs));
  await Promise.all(ids.map((id) => announced(stage, id)));
  expect(await openWindows(stage.store, env, stage.clock.now())).toHaveLength(2);
  const later = await opened();
  expect(await announced(later.stage, await asked(later.stage, later.from))).toBe('announced');
  expect(await announced(later.stage, await asked(later.stage, later.from + 2 * weekMs))).toBe('announced');
  expect(await announced(later.stage, await asked(later.stage, later.from + weekMs))).toBe('maintenance.rest-too-long');
});

it('nor by turns on the two servers of a profile; a day between two is enough', async () => {
  const { stage, from } = await opened();
  const other = 'https://smtp.contoso.test/EWS/Exchange.asmx';
  await stage.profile('p2', { serverLocation: other });
  await stage.profile('p3', { outgoingServerLocation: other });
  expect(await announced(stage, await asked(stage, from))).toBe('announced');
  expect(await announced(stage, await asked(stage, from + weekMs, 'p2'))).toBe('announced');
  expect(await announced(stage, await asked(stage, from + 2 * weekMs))).toBe('maintenance.rest-too-long');
  expect(await announced(stage, await asked(stage, from + 2 * weekMs + dayMs))).toBe('announced');
});

it('nor by an extension', async () => {
  const { stage, from } = await opened();
  const id = await asked(stage, from, 'p1', weekMs - dayMs);
  const { revision } = await announceMaintenance(stage, env, ada, id);
  expect(await announced(stage, await asked(stage, from + weekMs))).toBe('announced');
  expect(await announced(stage, await asked(stage, from + 2 * weekMs, 'p1', dayMs))).toBe('announced');
  const refused = extendMaintenance(stage, env, ada, id, revision, '30');
  expect(await refusal(refused)).toBe('maintenance.rest-too-long');
});
