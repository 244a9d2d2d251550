import { element } from './elements.js';

/** Teams asks when somebody pauses, not with every letter. */
const PAUSE_MS = 250;
const FOLD_MS = 200;

let lists = 0;

/**
 * A choice with `choices.data`: the choices of the card first, filtered by what is typed, then what the bot finds. Only a
 * choice counts; a text that is none sends nothing. `getRootElement().search(inputId, text)` is the page's way to the bot.
 */
export class TypeaheadInput extends globalThis.AdaptiveCards.ChoiceSetInput {
  internalParse(source, context) {
    super.internalParse(source, context);
    this.searches = source['choices.data']?.type === 'Data.Query';
  }

  internalRender() {
    if (!this.searches) return super.internalRender();
    lists += 1;
    const listId = `typeahead-${lists}`;
    this.text = element('input', {
      type: 'text',
      className: 'ac-input',
      role: 'combobox',
      autocomplete: 'off',
      'aria-autocomplete': 'list',
      'aria-expanded': 'false',
      'aria-controls': listId,
      placeholder: this.placeholder ?? '',
    });
    this.list = element('div', { className: 'typeahead-list', role: 'listbox', id: listId, hidden: true });
    this.chosen = this.choices.find(({ value }) => value === this.defaultValue);
    this.text.value = this.chosen?.title ?? '';
    this.text.addEventListener('click', () => void this.open(''));
    this.text.addEventListener('input', () => this.typed());
    this.text.addEventListener('keydown', (event) => this.press(event));
    // A click on a button must land before the list folds and the button moves up.
    this.text.addEventListener('blur', () => setTimeout(() => this.fold(), FOLD_MS));
    return element('div', { className: 'typeahead' }, this.text, this.list);
  }

  updateInputControlAriaLabelledBy() {
    if (!this.searches) super.updateInputControlAriaLabelledBy();
    else this.text.setAttribute('aria-labelledby', this.getAllLabelIds().join(' '));
  }

  focus() {
    if (this.searches) this.text.focus();
    else super.focus();
  }

  get value() {
    return this.searches ? this.chosen?.value : super.value;
  }

  isSet() {
    return this.searches ? this.chosen !== undefined : super.isSet();
  }

  isValid() {
    return this.searches ? this.chosen !== undefined || this.text.value.trim() === '' : super.isValid();
  }

  typed() {
    this.chosen = undefined;
    clearTimeout(this.pause);
    this.pause = setTimeout(() => void this.open(this.text.value.trim()), PAUSE_MS);
    this.valueChanged();
  }

  /** Shows what is known at once, and the bot's choices when they come, unless something else is typed by then. */
  async open(text) {
    this.asked = text;
    const words = text.toLowerCase().split(/\s+/);
    const own = this.choices.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
    this.show(own, 'Searching…');
    let found;
    try {
      found = await this.getRootElement().search?.(this.id, text);
    } catch {
      found = { kind: 'error' };
    }
    if (this.asked !== text) return;
    const known = new Set(own.map(({ value }) => value));
    const all = [...own, ...(found?.choices ?? []).filter(({ value }) => !known.has(value))];
    this.show(all, found?.kind === 'error' ? 'Unable to load' : all.length === 0 ? 'No results' : '');
  }

  show(choices, status) {
    this.active = -1;
    this.options = choices.map((choice, index) => {
      const option = element('div', { role: 'option', id: `${this.list.id}-${index}`, 'aria-selected': 'false' });
      option.textContent = choice.title;
      // Before the input loses the focus, which closes the list.
      option.addEventListener('mousedown', (event) => {
        event.preventDefault();
        this.choose(choice);
      });
      return { choice, option };
    });
    const note = status === '' ? undefined : element('div', { className: 'typeahead-status', role: 'status' }, status);
    this.list.replaceChildren(...this.options.map(({ option }) => option), ...(note === undefined ? [] : [note]));
    this.list.hidden = false;
    this.text.setAttribute('aria-expanded', 'true');
  }

  press(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key === 'Escape') {
      // The first Escape is for the list, the next for the dialog around it.
      if (!this.list.hidden) event.stopPropagation();
      this.close();
    } else if (event.key === 'Enter' && !this.list.hidden && this.active >= 0) {
      event.preventDefault();
      this.choose(this.options[this.active].choice);
    } else if (event.key in steps) {
      event.preventDefault();
      if (this.list.hidden) void this.open('');
      else this.move(steps[event.key]);
    }
  }

  move(step) {
    const { length } = this.options;
    if (length === 0) return;
    this.active = (this.active + step + length) % length;
    for (const [index, { option }] of this.options.entries()) {
      option.setAttribute('aria-selected', String(index === this.active));
    }
    const { option } = this.options[this.active];
    this.text.setAttribute('aria-activedescendant', option.id);
    option.scrollIntoView({ block: 'nearest' });
  }

  choose(choice) {
    this.chosen = choice;
    this.text.value = choice.title;
    this.close();
    this.valueChanged();
  }

  /** Unless somebody came back meanwhile. */
  fold() {
    if (document.activeElement !== this.text) this.close();
  }

  close() {
    clearTimeout(this.pause);
    this.asked = undefined;
    this.list.hidden = true;
    this.text.setAttribute('aria-expanded', 'false');
    this.text.removeAttribute('aria-activedescendant');
  }
}
