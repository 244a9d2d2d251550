import { inspect } from 'node:util';

/**
 * A password in memory. It cannot print itself: JSON, string conversion and `console.log` all give the same mask, so a
 * careless log line or error shows nothing. Only `reveal` gives the text, and only the wire calls it.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
