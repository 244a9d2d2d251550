import { drawCard } from './cards.js';
import { act, element } from './elements.js';

/** The card itself can be focused, too; nobody wants to stop there on the way to its first input. */
const FOCUSABLE = 'button, input, textarea, select, a[href], [tabindex="0"]:not(.ac-adaptiveCard)';
/** Heights that Teams has names for, as a part of the column. */
const HEIGHTS = { small: '40%', medium: '60%', large: '85%' };

let frames = 0;

/** A dialog (task module) over one column, for the person who looks there. Nothing but its own buttons changes it. */
export class DialogFrame {
  constructor({ person, messageId, botName, onClose }) {
    this.about = { person, messageId };
    this.onClose = onClose;
    this.closed = false;
    frames += 1;
    const titleId = `dialog-title-${frames}`;
    this.title = element('h3', { id: titleId });
    this.error = element('p', { className: 'dialog-error', role: 'alert', hidden: true });
    this.content = element('div', { className: 'dialog-content' });
    const close = element('button', { type: 'button', className: 'dialog-close', 'aria-label': 'Close' }, '✕');
    close.addEventListener('click', () => this.close());
    const names = element('div', {}, element('div', { className: 'dialog-app' }, botName), this.title);
    this.frame = element(
      'div',
      { className: 'dialog', role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': titleId, tabindex: '-1' },
      element('div', { className: 'dialog-head' }, names, close),
      this.error,
      this.content,
    );
    this.frame.addEventListener('keydown', (event) => this.press(event));
    this.node = element('div', { className: 'dialog-layer' }, this.frame);
  }

  /** Does what Teams does with an answer to `task/fetch` or `task/submit`. */
  show(outcome) {
    this.error.hidden = true;
    if (outcome.kind === 'closed') this.close();
    if (outcome.kind === 'dialog') this.draw(outcome.dialog);
    if (outcome.kind === 'message') this.say(outcome.text);
    if (outcome.kind === 'error' || outcome.kind === 'unreachable') this.fail(outcome.text);
  }

  draw({ title, height, card }) {
    this.title.textContent = title;
    this.frame.style.height = typeof height === 'number' ? `${height}px` : (HEIGHTS[height] ?? 'auto');
    const drawn = drawCard(card, {
      submit: (data) => void this.submit(data),
      // In a dialog an Action.Execute goes the way of the dialog, and returns no card for the message behind it.
      execute: ({ data }) => void this.submit(data),
      search: (input, text) => act({ act: 'search', ...this.about, card, input, text }),
    });
    this.content.replaceChildren(drawn);
    this.focus(drawn);
  }

  /** A sentence in place of the form, to be read and closed. */
  say(text) {
    this.title.textContent ||= 'Message';
    this.frame.style.height = 'auto';
    const ok = element('button', { type: 'button', className: 'dialog-ok' }, 'OK');
    ok.addEventListener('click', () => this.close());
    this.content.replaceChildren(element('p', { className: 'dialog-message', role: 'status' }, text), ok);
    ok.focus();
  }

  /** What was typed stays. */
  fail(text) {
    this.error.textContent = text;
    this.error.hidden = false;
  }

  async submit(data) {
    // A second press would be a second act.
    if (this.content.inert) return;
    this.content.inert = true;
    this.frame.setAttribute('aria-busy', 'true');
    let outcome;
    try {
      outcome = await act({ act: 'submitDialog', ...this.about, data });
    } catch (error) {
      outcome = { kind: 'error', text: error.message };
    }
    this.content.inert = false;
    this.frame.removeAttribute('aria-busy');
    if (this.closed) return;
    this.show(outcome);
    if (!this.closed && !this.frame.contains(document.activeElement)) this.focus(this.content);
  }

  /** An answer that is still on its way is of no use then. */
  close() {
    if (this.closed) return;
    this.closed = true;
    this.node.remove();
    this.onClose();
  }

  /** Escape closes; Tab goes round inside, since what lies behind cannot be used now. */
  press(event) {
    if (event.key === 'Escape') this.close();
    if (event.key !== 'Tab') return;
    const inside = this.focusable(this.frame);
    const last = event.shiftKey ? inside.at(0) : inside.at(-1);
    const next = event.shiftKey ? inside.at(-1) : inside.at(0);
    const { activeElement } = document;
    if (next === undefined || (activeElement !== last && activeElement !== this.frame)) return;
    event.preventDefault();
    next.focus();
  }

  focus(part) {
    (this.focusable(part).at(0) ?? this.frame).focus();
  }

  focusable(part) {
    return Array.from(part.querySelectorAll(FOCUSABLE)).filter(
      (node) => !node.disabled && node.tabIndex >= 0 && node.checkVisibility(),
    );
  }
}
