import {
  confirmSettings,
  reviewSettings,
  type SettingsAnswer,
} from '../../services/mailboxes/change-email-settings.ts';
import type { Actor } from '../../services/model/access.ts';
import { ada, env, type MailroomStage } from './mailroom-stage.ts';

/** Types email settings and says yes to the review, as a person does. */
export async function saveSettings(
  stage: MailroomStage,
  inputs: Readonly<Record<string, unknown>>,
  actor: Actor = ada,
): Promise<SettingsAnswer> {
  const { revision } = await stage.get('environment');
  const review = await reviewSettings(stage, env, actor, revision, 'delivery', inputs);
  if (review.kind !== 'asked') throw new Error(`the settings are not asked about: ${review.kind}`);
  return confirmSettings(stage, env, actor, review.draft.id);
}
