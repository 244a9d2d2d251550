import type { SendOptions } from './acts.ts';
import { ActError } from './errors.ts';
import type { Fault } from './faults.ts';
import { FILE_FAULTS } from './file-share.ts';
import type { Teams } from './start-teams.ts';
import { isObject } from './wire.ts';
import type { JsonObject } from './wire.ts';

/** One entry per value of `act` in a request's body. */
const ACTS: Record<string, (teams: Teams, body: JsonObject) => unknown> = {
  send: (teams, body) =>
    teams.acts.send(text(body, 'person'), text(body, 'conversation'), text(body, 'text'), sendOptions(body)),
  sendFile: (teams, body) => {
    const { base64, fault } = body;
    const content = typeof base64 === 'string' ? Buffer.from(base64, 'base64') : text(body, 'content');
    const attachment = teams.files.upload({
      name: text(body, 'name'),
      content,
      fault: FILE_FAULTS.find((known) => known === fault),
    });
    const words = typeof body['text'] === 'string' ? body['text'] : '';
    return teams.acts.send(text(body, 'person'), 'personal', words, { attachments: [attachment] });
  },
  submit: (teams, body) =>
    teams.acts.submit(text(body, 'person'), text(body, 'messageId'), object(body, 'data'), object(body, 'inputs')),
  execute: (teams, body) => {
    const id = body['id'];
    const action = { verb: text(body, 'verb'), data: object(body, 'data'), ...(typeof id === 'string' ? { id } : {}) };
    return teams.acts.execute(text(body, 'person'), text(body, 'messageId'), action);
  },
  click: (teams, body) => {
    const query = isObject(body['action']) ? body['action'] : text(body, 'action');
    return teams.acts.click(text(body, 'person'), text(body, 'messageId'), query, object(body, 'inputs'));
  },
  openDialog: (teams, body) => {
    const { action } = body;
    if (action === undefined) {
      return teams.dialogs.fetch(text(body, 'person'), text(body, 'messageId'), object(body, 'data'));
    }
    const query = isObject(action) ? action : text(body, 'action');
    return teams.dialogs.open(text(body, 'person'), text(body, 'messageId'), query, object(body, 'inputs'));
  },
  submitDialog: (teams, body) =>
    teams.dialogs.send(text(body, 'person'), text(body, 'messageId'), object(body, 'data'), object(body, 'inputs')),
  search: (teams, body) => {
    const card = isObject(body['card']) ? body['card'] : undefined;
    return teams.acts.search(
      text(body, 'person'),
      text(body, 'messageId'),
      text(body, 'input'),
      text(body, 'text'),
      card,
    );
  },
  refresh: (teams, body) => teams.acts.refresh(text(body, 'person'), text(body, 'messageId')),
  display: (teams, body) =>
    teams.views.display(teams.state.getPerson(text(body, 'person')), text(body, 'conversation')),
  installFor: (teams, body) => teams.installs.installFor(text(body, 'person')),
  installInTeam: (teams, body) => teams.installs.installInTeam(text(body, 'person')),
  installEverywhere: (teams, body) => teams.installs.installEverywhere(text(body, 'person')),
  uninstallFor: (teams, body) => teams.installs.uninstallFor(text(body, 'person')),
  uninstallFromTeam: (teams, body) => teams.installs.uninstallFromTeam(text(body, 'person')),
  block: (teams, body) => teams.installs.setBlocked(text(body, 'person'), body['blocked'] !== false),
  addFaults: (teams, body) => {
    const faults = body['faults'];
    if (!Array.isArray(faults)) throw new ActError('"faults" must be a list');
    teams.faults.add(...(faults as Fault[]));
  },
  clearFaults: (teams) => teams.faults.clear(),
  settle: (teams) => teams.views.settled(),
  setBotUrl: (teams, body) => {
    teams.endpoint.url = text(body, 'url');
  },
};

/** Does what the body of `POST /api/act` asks for: `{ act: 'send', person: 'ada', conversation: 'personal', text: 'help' }`. */
export async function act(teams: Teams, body: unknown): Promise<unknown> {
  if (!isObject(body)) throw new ActError('the body must be an object');
  const name = text(body, 'act');
  const run = Object.hasOwn(ACTS, name) ? ACTS[name] : undefined;
  if (run === undefined) throw new ActError(`there is no act "${name}"; there are ${Object.keys(ACTS).join(', ')}`);
  return run(teams, body);
}

function text(body: JsonObject, key: string): string {
  const value = body[key];
  if (typeof value !== 'string') throw new ActError(`"${key}" must be a text`);
  return value;
}

function object(body: JsonObject, key: string): JsonObject {
  const value = body[key] ?? {};
  if (!isObject(value)) throw new ActError(`"${key}" must be an object`);
  return value;
}

function sendOptions(body: JsonObject): SendOptions {
  const { mention, htmlPaste, inThreadOf } = body;
  return {
    ...(typeof mention === 'boolean' ? { mention } : {}),
    ...(typeof htmlPaste === 'boolean' ? { htmlPaste } : {}),
    ...(typeof inThreadOf === 'string' ? { inThreadOf } : {}),
  };
}
