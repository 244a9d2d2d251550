/**
 * The peer of `bench chat`: the same web server, the same adapter with the same checks of the same tokens, and behind them
 * the smallest turns that the SDK allows: an echo, and a waterfall of one prompt whose state is kept in memory.
 */
import { ConversationState, MemoryStorage, MessageFactory, type TurnContext } from 'botbuilder';
import {
  DialogSet,
  TextPrompt,
  WaterfallDialog,
  type DialogState,
  type WaterfallStepContext,
} from 'botbuilder-dialogs';
import { createAdapter } from '../../../bot/adapter.ts';
import { readConfig } from '../../../bot/config.ts';
import { createLog } from '../../../bot/log.ts';
import { createWebServer, type WebServerOptions } from '../../../bot/web/server.ts';
import { systemClock } from '../../../services/model/clock.ts';

const config = readConfig(process.env);
const log = createLog({ level: 'silent' });
const adapter = createAdapter(config, log);
const state = new ConversationState(new MemoryStorage());
const ask = (step: WaterfallStepContext) => step.prompt('text', 'Which mailbox?');
const dialogs = new DialogSet(state.createProperty<DialogState>('dialogs'))
  .add(new TextPrompt('text'))
  .add(new WaterfallDialog('waterfall', [ask, ask, (step) => step.replaceDialog('waterfall')]));

/** Ends itself when it is asked for its processor time: it is asked once, at the end. */
const cpuWord = 'cpu';

async function turn(context: TurnContext): Promise<void> {
  const { text } = context.activity;
  const type: string = context.activity.type;
  if (type !== 'message') return;
  if (text === cpuWord) {
    const { user, system } = process.cpuUsage();
    await context.sendActivity(String((user + system) / 1e6));
    return;
  }
  if (text.startsWith('echo')) {
    await context.sendActivity(MessageFactory.text(text));
    return;
  }
  const dc = await dialogs.createContext(context);
  if (dc.activeDialog === undefined) await dc.beginDialog('waterfall');
  else await dc.continueDialog();
  await state.saveChanges(context);
}

const web = createWebServer({
  config,
  log,
  processActivity: (activity, authorization) => adapter.receive(activity, authorization, turn),
  // No form is ever asked for here.
  secretForm: { clock: systemClock } as WebServerOptions['secretForm'],
  isReady: () => true,
});
await web.listen();
