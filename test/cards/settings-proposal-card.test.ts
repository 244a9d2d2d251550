import { expect, it } from 'vitest';
import { settingsProposalCard } from '../../cards/settings-proposal-card.ts';
import { initialEmailSettings } from '../../services/model/environment.ts';
import type { SettingsProposal } from '../../services/model/settings-proposal.ts';

const proposal: SettingsProposal = {
  environmentId: 'main',
  id: 'p1',
  proposedBy: 'ada',
  proposedByName: 'Ada Admin',
  proposedAt: 0,
  before: initialEmailSettings,
  settings: { ...initialEmailSettings, requireApprovalForUsers: false },
  baseRevision: 1,
  affected: 3,
  state: 'waiting',
  decidedByName: null,
  decidedAt: null,
  revision: 1,
};
const buttonsFor = (viewerId?: string): number =>
  settingsProposalCard(
    proposal,
    {},
    {
      locale: 'en',
      now: 0,
      roles: ['admin'],
      ...(viewerId === undefined ? {} : { viewerId }),
    },
  ).card.actions?.length ?? 0;

it('offers an answer to everybody but the one who asks', () => {
  expect([buttonsFor('abe'), buttonsFor(), buttonsFor('ada')]).toEqual([2, 2, 0]);
});
