import { DonutChart, StackedBarChart } from './charts.js';
import { element } from './elements.js';
import { Icon } from './icons.js';
import { TypeaheadInput } from './typeahead.js';

const ADAPTIVE_CARD = 'application/vnd.microsoft.card.adaptive';
const HERO_CARDS = ['application/vnd.microsoft.card.hero', 'application/vnd.microsoft.card.thumbnail'];

/** Only what Teams renders: a card that leans on headings or tables must look wrong here too. */
const cardMarkdown = markdown([
  'heading',
  'lheading',
  'table',
  'image',
  'code',
  'fence',
  'backticks',
  'hr',
  'blockquote',
]);
const textMarkdown = markdown(['heading', 'lheading', 'table', 'image', 'hr']);

function markdown(disabled) {
  const md = globalThis.markdownit({ html: false, linkify: false, breaks: true }).disable(disabled);
  md.renderer.rules.link_open = (tokens, index, options, _env, self) => {
    tokens[index].attrSet('target', '_blank');
    tokens[index].attrSet('rel', 'noopener noreferrer');
    return self.renderToken(tokens, index, options);
  };
  return md;
}

/** Markdown to HTML, with `<at>Name</at>` as a mention. Raw HTML in the text stays text. */
function render(md, text) {
  const marked = text.replaceAll(/<at>(.*?)<\/at>/g, '\uE000$1\uE001');
  return md.render(marked).replaceAll('\uE000', '<span class="mention">').replaceAll('\uE001', '</span>');
}

export function prepareCards() {
  globalThis.AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    // A mention in a card needs an entity beside it, which Mailroom's cards have none of: `<at>` is text.
    result.outputHtml = cardMarkdown.render(text);
    result.didProcess = true;
  };
  // What Teams draws beyond schema 1.5; a card with anything else newer shows its fallback here too.
  const { defaultElements } = globalThis.AdaptiveCards.GlobalRegistry;
  for (const Chart of [DonutChart, StackedBarChart]) defaultElements.register(Chart.type, Chart);
  defaultElements.register('Icon', Icon);
  defaultElements.register('Input.ChoiceSet', TypeaheadInput);
}

/** The Adaptive Card that a person sees on a message: the own view, else the message's. */
export function cardFor(message, viewer) {
  return (
    message.views[viewer]?.card ?? message.attachments.find((entry) => entry.contentType === ADAPTIVE_CARD)?.content
  );
}

/** The inside of a message. `on` receives what the person does with it. */
export function drawContent(message, viewer, on) {
  const parts = [];
  if (message.text !== '') parts.push(drawText(message));
  const card = cardFor(message, viewer);
  if (card !== undefined) parts.push(drawCard(card, on));
  for (const attachment of message.attachments) {
    if (HERO_CARDS.includes(attachment.contentType)) parts.push(drawHero(attachment.content, on));
    else if (attachment.contentType !== ADAPTIVE_CARD) {
      parts.push(element('div', { className: 'file' }, `📎 ${attachment.name ?? attachment.contentType}`));
    }
  }
  return parts;
}

/** People's words as they typed them; the bot's words as markdown. */
function drawText(message) {
  const box = element('div', { className: 'text' });
  if (message.textFormat === 'plain') {
    box.classList.add('plain');
    for (const [index, part] of message.text.split(/<at>(.*?)<\/at>/).entries()) {
      box.append(index % 2 === 0 ? part : element('span', { className: 'mention' }, part));
    }
  } else {
    box.innerHTML = render(textMarkdown, message.text);
  }
  return box;
}

/** An Adaptive Card as Teams draws it. `on` receives what the person does with it. */
export function drawCard(payload, on) {
  const box = element('div', { className: 'card' });
  const card = new globalThis.AdaptiveCards.AdaptiveCard();
  card.search = on.search;
  card.hostConfig = new globalThis.AdaptiveCards.HostConfig(hostConfig());
  card.onExecuteAction = (action) => {
    const type = action.getJsonTypeName();
    if (type === 'Action.OpenUrl') window.open(action.url, '_blank', 'noopener,noreferrer');
    if (type === 'Action.Submit') on.submit(action.data ?? {});
    if (type === 'Action.Execute') on.execute({ verb: action.verb, data: action.data ?? {}, id: action.id });
  };
  try {
    card.parse(payload);
    // Its parser checks the language by a pattern that remembers where it stopped, so that every second card loses it.
    if (payload.lang !== undefined) card.lang = payload.lang;
    const drawn = card.render();
    if (drawn !== undefined && drawn !== null) box.append(drawn);
  } catch (error) {
    box.append(element('p', { className: 'broken' }, `This card cannot be shown: ${error.message}`));
  }
  return box;
}

/** The kind of card that the Bot Framework's own choice prompts send to Teams. */
function drawHero(content, on) {
  const buttons = (content.buttons ?? []).map((button) =>
    element(
      'button',
      {
        type: 'button',
        className: 'hero-button',
        onclick: () => {
          if (button.type === 'openUrl') window.open(button.value, '_blank', 'noopener,noreferrer');
          else on.say(String(button.text ?? button.value));
        },
      },
      button.title ?? String(button.value),
    ),
  );
  return element(
    'div',
    { className: 'card hero' },
    content.title ? element('strong', {}, content.title) : undefined,
    content.text ? element('p', {}, content.text) : undefined,
    element('div', { className: 'hero-buttons' }, ...buttons),
  );
}

const FONT = "'Segoe UI', system-ui, 'Noto Sans', sans-serif";

function tone(base, subtle = base) {
  return { default: base, subtle };
}

/** Sizes, spacing and colours near those of Teams, for the scheme that the reader prefers. */
function hostConfig() {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const foregroundColors = dark
    ? {
        default: tone('#ffffff', '#adadad'),
        dark: tone('#292929', '#424242'),
        light: tone('#ffffff', '#d6d6d6'),
        accent: tone('#7f85f5', '#a6a7dc'),
        good: tone('#92c353', '#6fa13a'),
        warning: tone('#f8d22a', '#c9a81d'),
        attention: tone('#f1707b', '#d4525d'),
      }
    : {
        default: tone('#242424', '#616161'),
        dark: tone('#242424', '#616161'),
        light: tone('#ffffff', '#d6d6d6'),
        accent: tone('#4f52b2', '#6264a7'),
        good: tone('#237b4b', '#3d8b60'),
        warning: tone('#835c00', '#9a7417'),
        attention: tone('#c4314b', '#d1536a'),
      };
  const style = (backgroundColor) => ({ backgroundColor, foregroundColors });
  return {
    fontFamily: FONT,
    fontTypes: { default: { fontFamily: FONT }, monospace: { fontFamily: 'ui-monospace, Consolas, monospace' } },
    fontSizes: { small: 12, default: 14, medium: 16, large: 18, extraLarge: 22 },
    fontWeights: { lighter: 300, default: 400, bolder: 600 },
    lineHeights: { small: 16, default: 20, medium: 22, large: 24, extraLarge: 28 },
    imageSizes: { small: 32, medium: 52, large: 100 },
    supportsInteractivity: true,
    spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 12 },
    separator: { lineThickness: 1, lineColor: dark ? '#3d3d3d' : '#e0e0e0' },
    containerStyles: {
      default: style(dark ? '#292929' : '#ffffff'),
      emphasis: style(dark ? '#1f1f1f' : '#f5f5f5'),
      good: style(dark ? '#0d2b1a' : '#e7f2da'),
      warning: style(dark ? '#35290a' : '#fff4ce'),
      attention: style(dark ? '#3a1a1e' : '#fcf4f6'),
      accent: style(dark ? '#26274d' : '#e8ebfa'),
    },
    actions: {
      maxActions: 6,
      spacing: 'default',
      buttonSpacing: 8,
      showCard: { actionMode: 'inline', inlineTopMargin: 12, style: 'emphasis' },
      actionsOrientation: 'horizontal',
      actionAlignment: 'left',
    },
    inputs: {
      label: { inputSpacing: 'small', requiredInputs: { weight: 'default', suffixColor: 'attention' } },
      errorMessage: { color: 'attention', size: 'small', weight: 'default', spacing: 'small' },
    },
    adaptiveCard: { allowCustomStyle: false },
    factSet: {
      title: { weight: 'bolder', wrap: true, maxWidth: 130 },
      value: { wrap: true },
      spacing: 12,
    },
    textStyles: { heading: { size: 'large', weight: 'bolder' }, columnHeader: { weight: 'bolder' } },
  };
}
