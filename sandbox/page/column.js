import { cardFor, drawContent } from './cards.js';
import { DialogFrame } from './dialog.js';
import { act, arrange, element } from './elements.js';

const TOAST_MS = 7000;
/** The bot may still post a moment after it has answered the click. */
const PINNED_MS = 1500;

/**
 * One chat or channel, seen by one person. `plan` is `{ person }` for that person's chat with the bot, or
 * `{ channel, viewer }`; the select in the head changes who is looking.
 */
export class Column {
  constructor(plan) {
    this.plan = plan;
    this.viewer = plan.person ?? plan.viewer;
    /** A word or two about each person, by short name. */
    this.about = {};
    this.drawn = new Map();
    this.threads = new Map();
    this.lastNotice = undefined;
    this.replyTo = undefined;
    /** While an act of the viewer is under way, its answer is scrolled into sight. */
    this.pinned = false;
    this.build();
  }

  build() {
    this.title = element('h2', {});
    this.select = element('select', { title: 'Who is looking and acting here', 'data-viewer': '' });
    this.select.addEventListener('change', () => this.changeViewer(this.select.value));
    this.list = element('div', { className: 'messages', role: 'log', 'aria-live': 'polite', tabindex: '0' });
    this.typing = element('div', { className: 'typing', hidden: true });
    this.toasts = element('div', { className: 'toasts', role: 'status' });
    this.text = element('textarea', { rows: '1', 'aria-label': 'Message' });
    this.text.addEventListener('input', () => this.grow());
    this.text.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void this.sendTyped();
    });
    this.chips = element('div', { className: 'chips' });
    const send = element('button', { type: 'button', className: 'send', title: 'Send (Enter)' }, 'Send');
    send.addEventListener('click', () => void this.sendTyped());
    const tools = this.plan.channel === undefined ? [this.buildAttach()] : [];
    const row = element('div', { className: 'row' }, this.text, ...tools, send);
    this.composer = element('div', { className: 'composer' }, this.chips, row);
    this.head = element('div', { className: 'head' }, this.title, this.select);
    this.body = element('div', { className: 'body' }, this.list, this.typing, this.toasts);
    this.node = element('section', { className: 'column' }, this.head, this.body, this.composer);
    if (this.plan.channel !== undefined) this.buildMentionChip();
  }

  buildAttach() {
    const input = element('input', { type: 'file', hidden: true });
    input.addEventListener('change', () => {
      const [file] = input.files;
      input.value = '';
      if (file === undefined) return;
      // As it is: a spreadsheet may have written it in UTF-16 or in a code page.
      void file.arrayBuffer().then((buffer) => {
        const text = this.text.value;
        this.clear();
        return this.try({
          act: 'sendFile',
          person: this.viewer,
          name: file.name,
          base64: asBase64(new Uint8Array(buffer)),
          text,
        });
      });
    });
    const button = element('button', { type: 'button', className: 'attach', title: 'Attach a file' }, '📎');
    button.addEventListener('click', () => input.click());
    return element('span', {}, button, input);
  }

  buildMentionChip() {
    this.mention = element('button', {
      type: 'button',
      className: 'chip mention-chip',
      'aria-pressed': 'true',
      title: 'Without the mention, Teams does not give the message to the bot',
    });
    this.mention.addEventListener('click', () => {
      const on = this.mention.getAttribute('aria-pressed') !== 'true';
      this.mention.setAttribute('aria-pressed', String(on));
    });
    this.replyChip = element('button', { type: 'button', className: 'chip', hidden: true }, 'Replying in thread ✕');
    this.replyChip.addEventListener('click', () => this.setReply(undefined));
    this.chips.append(this.mention, this.replyChip);
  }

  changeViewer(viewer) {
    this.viewer = viewer;
    this.drawn.clear();
    this.threads.clear();
    this.list.replaceChildren();
    this.lastNotice = undefined;
    this.toasts.replaceChildren();
    if (this.snapshot === undefined) return;
    this.update(this.snapshot);
    void this.try({ act: 'display', person: viewer, conversation: this.node.dataset.conversation });
  }

  /** Draws what changed since the last snapshot and leaves everything else alone. */
  update(snapshot) {
    this.snapshot = snapshot;
    const conversation = this.find(snapshot);
    this.node.hidden = conversation === undefined;
    if (conversation === undefined) return;
    this.node.dataset.conversation = conversation.id;
    this.drawHead(snapshot, conversation);
    const atEnd = this.pinned || this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 80;
    const messages = snapshot.messages.filter((message) => message.conversationId === conversation.id);
    if (conversation.type === 'channel') this.drawThreads(messages);
    else
      arrange(this.list, messages.length > 0 ? messages.map((message) => this.drawMessage(message)) : [this.empty()]);
    this.forget(messages);
    this.typing.hidden = conversation.typingAt === undefined;
    this.typing.textContent = `${snapshot.botName} is typing…`;
    this.drawNotices(snapshot, conversation);
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  find(snapshot) {
    if (this.plan.channel !== undefined) {
      return snapshot.conversations.find((entry) => entry.type === 'channel' && entry.name === this.plan.channel);
    }
    return snapshot.conversations.find((entry) => entry.personId === this.viewer);
  }

  drawHead(snapshot, conversation) {
    const people =
      conversation.type === 'channel'
        ? snapshot.people.filter(({ id }) => conversation.members.includes(id))
        : snapshot.people;
    const name = people.find(({ id }) => id === this.viewer)?.name ?? this.viewer;
    const channel = conversation.type === 'channel';
    this.title.textContent = channel ? `# ${conversation.name}` : `${name.split(' ')[0]}’s chat`;
    this.node.setAttribute('aria-label', channel ? conversation.name : `Chat of ${name} with ${snapshot.botName}`);
    this.text.placeholder = `Message as ${name.split(' ')[0]}`;
    if (this.mention !== undefined) this.mention.textContent = `@${snapshot.botName}`;
    const wanted = people.map(({ id }) => id).join();
    if (this.select.dataset.people !== wanted) {
      this.select.dataset.people = wanted;
      // What they are stands above them in the list, so that the head shows a name and no more.
      const options = [...Map.groupBy(people, ({ id }) => this.about[id] ?? '')].flatMap(([about, group]) => {
        const choices = group.map(({ id, name }) => element('option', { value: id }, name));
        return about === '' ? choices : [element('optgroup', { label: about }, ...choices)];
      });
      this.select.replaceChildren(...options);
    }
    this.select.value = this.viewer;
  }

  empty() {
    const buttons = ['help', 'create profile'].map((words) =>
      element('button', { type: 'button', className: 'chip', onclick: () => void this.say(words) }, words),
    );
    return element('div', { className: 'empty' }, element('p', {}, 'Nothing here yet. Try:'), ...buttons);
  }

  /** Threads keep the order of their first messages: a thread that jumped would take the focus along. */
  drawThreads(messages) {
    const byThread = Map.groupBy(messages, (message) => message.threadId);
    const nodes = [...byThread].map(([threadId, entries]) => {
      let thread = this.threads.get(threadId);
      if (thread === undefined) {
        const replies = element('div', { className: 'replies' });
        const reply = element('button', { type: 'button', className: 'reply' }, 'Reply');
        reply.addEventListener('click', () => this.setReply(threadId));
        thread = {
          replies,
          node: element('article', { className: 'thread', 'data-thread': threadId }, replies, reply),
        };
        this.threads.set(threadId, thread);
      }
      arrange(
        thread.replies,
        entries.map((message) => this.drawMessage(message)),
      );
      return thread.node;
    });
    arrange(this.list, nodes.length > 0 ? nodes : [element('div', { className: 'empty' }, 'No posts yet.')]);
  }

  /**
   * Redrawn only if this viewer sees something else than before: half-typed inputs stay. An edit takes them away, also one
   * that leaves this viewer with an equal card, as in Teams.
   */
  drawMessage(message) {
    const signature = JSON.stringify([
      message.versions,
      message.text,
      message.attachments,
      cardFor(message, this.viewer),
    ]);
    const known = this.drawn.get(message.id);
    if (known?.signature === signature) return known.node;
    const content = element(
      'div',
      { className: 'content' },
      ...drawContent(message, this.viewer, this.handlers(message)),
    );
    const node = known?.node ?? element('div', { className: 'message', 'data-message-id': message.id });
    node.classList.toggle('own', message.from === this.viewer);
    node.classList.toggle('bot', message.from === 'bot');
    node.replaceChildren(this.byline(message), content);
    this.drawn.set(message.id, { signature, node });
    return node;
  }

  byline(message) {
    const time = new Date(message.at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    const line = element('div', { className: 'byline' }, element('b', {}, message.fromName), ` ${time}`);
    if (message.edited) line.append(element('span', { className: 'edited' }, ' · edited'));
    if (cardFor(message, this.viewer)?.refresh?.action !== undefined) {
      line.append(this.menu(message));
    }
    return line;
  }

  /** The menu of a message: whoever is not listed in `refresh` of its card asks for the own view here. */
  menu(message) {
    const refresh = element('button', { type: 'button', className: 'menu-item' }, 'Refresh card');
    const menu = element(
      'details',
      { className: 'menu' },
      element('summary', { 'aria-label': 'More options' }, '⋯'),
      refresh,
    );
    refresh.addEventListener('click', () => {
      menu.open = false;
      void this.tryOn(message.id, { act: 'refresh', person: this.viewer, messageId: message.id });
    });
    return menu;
  }

  handlers(message) {
    const about = { person: this.viewer, messageId: message.id };
    return {
      submit: (data) => {
        if (data.msteams?.type === 'task/fetch') void this.openDialog(message.id, data);
        else void this.tryOn(message.id, { act: 'submit', ...about, data });
      },
      execute: (action) => void this.tryOn(message.id, { act: 'execute', ...about, ...action }),
      say: (words) => void this.say(words),
      search: (input, text) => act({ act: 'search', ...about, input, text }),
    };
  }

  /** While it is open nothing else in this column can be used; the other columns can. */
  async openDialog(messageId, data) {
    const { viewer } = this;
    const outcome = await this.tryOn(messageId, { act: 'openDialog', person: viewer, messageId, data });
    // What failed is told by a notice, since there is no dialog that could say it.
    if (outcome?.kind !== 'dialog' && outcome?.kind !== 'message') return;
    if (this.dialog !== undefined || this.viewer !== viewer) return;
    const opener = document.activeElement;
    const behind = [this.head, this.body, this.composer];
    for (const part of behind) part.inert = true;
    const { botName } = this.snapshot;
    const onClose = () => {
      this.dialog = undefined;
      for (const part of behind) part.inert = false;
      (opener?.isConnected ? opener : this.list).focus();
    };
    this.dialog = new DialogFrame({ person: viewer, messageId, botName, onClose });
    this.node.append(this.dialog.node);
    this.dialog.show(outcome);
  }

  forget(messages) {
    const alive = new Set(messages.map(({ id }) => id));
    for (const id of this.drawn.keys()) if (!alive.has(id)) this.drawn.delete(id);
  }

  drawNotices(snapshot, conversation) {
    const mine = snapshot.notices.filter(
      (notice) => notice.personId === this.viewer && notice.conversationId === conversation.id,
    );
    const seen = this.lastNotice ?? mine.at(-1)?.id ?? '0';
    for (const notice of mine) if (Number(notice.id) > Number(seen)) this.toast(notice.text, notice.kind);
    this.lastNotice = mine.at(-1)?.id ?? seen;
  }

  toast(text, kind) {
    const node = element('div', { className: `toast toast-${kind}`, 'data-notice': kind }, text);
    this.toasts.append(node);
    setTimeout(() => node.remove(), TOAST_MS);
  }

  setReply(threadId) {
    this.replyTo = threadId;
    this.replyChip.hidden = threadId === undefined;
    this.text.focus();
  }

  async sendTyped() {
    const text = this.text.value.trimEnd();
    if (text.trim() === '') return;
    this.clear();
    await this.say(text);
  }

  async say(text) {
    const thread = this.replyTo;
    if (thread !== undefined) this.setReply(undefined);
    await this.try({
      act: 'send',
      person: this.viewer,
      conversation: this.node.dataset.conversation,
      text,
      mention: this.mention?.getAttribute('aria-pressed') === 'true',
      inThreadOf: thread,
    });
  }

  /** Marks the message as busy while the bot works on a click: a second click would be a second act. */
  async tryOn(messageId, body) {
    const node = this.drawn.get(messageId)?.node;
    node?.classList.add('busy');
    const result = await this.try(body);
    node?.classList.remove('busy');
    return result;
  }

  /** The result of the act; undefined when the sandbox refuses it, which the viewer reads. */
  async try(body) {
    this.pinned = this.plan.channel === undefined;
    let result;
    try {
      result = await act(body);
    } catch (error) {
      this.toast(error.message, 'error');
    }
    setTimeout(() => {
      this.pinned = false;
    }, PINNED_MS);
    return result;
  }

  clear() {
    this.text.value = '';
    this.grow();
  }

  grow() {
    this.text.style.height = 'auto';
    this.text.style.height = `${Math.min(this.text.scrollHeight, 220)}px`;
  }

  /** The colours of cards are inline, so a change of scheme means drawing again. */
  redraw() {
    this.drawn.clear();
    if (this.snapshot !== undefined) this.update(this.snapshot);
  }
}

function asBase64(bytes) {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
