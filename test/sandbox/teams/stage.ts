import { afterEach } from 'vitest';
import { CONTOSO_TENANT_ID, MAILROOM_APP_ID } from '../../../sandbox/teams/people.ts';
import { startTeams } from '../../../sandbox/teams/start-teams.ts';
import type { Teams, TeamsOptions } from '../../../sandbox/teams/start-teams.ts';
import { connectorClient, startFakeBot } from './fake-bot.ts';
import type { FakeBot } from './fake-bot.ts';

export const APPROVALS = '19:mailroom-approvals@thread.tacv2';

export interface Stage {
  teams: Teams;
  bot: FakeBot;
  connector: ReturnType<typeof connectorClient>;
  /** Posts as the bot and returns the message's id. */
  post: (conversation: string, activity: unknown) => Promise<string>;
  chat: (personId: string) => string;
}

const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** Teams with the app installed for everybody, and a bot that answers 200 to everything. Closed after the test. */
export async function stage(options: Partial<TeamsOptions> & { installed?: boolean } = {}): Promise<Stage> {
  const { installed = true, ...more } = options;
  const bot = await startFakeBot();
  const teams = await startTeams({ botUrl: bot.url, appId: MAILROOM_APP_ID, tenantId: CONTOSO_TENANT_ID, ...more });
  open.push(teams.close, bot.close);
  if (installed) teams.installs.presetInstalled();
  const connector = connectorClient(teams.serviceUrl);
  return {
    teams,
    bot,
    connector,
    post: async (conversation, activity) => {
      const { body } = await connector('POST', `conversations/${conversation}/activities`, activity);
      return body.id ?? '';
    },
    chat: (personId) => teams.state.personalChat(personId).id,
  };
}
