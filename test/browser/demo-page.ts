import type { Locator, Page } from 'playwright-core';

/** The demo page as a person uses it: columns, messages, cards and buttons by what is written on them. */
export class DemoPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** A column by its heading: `Ada’s chat`, `# Mailroom alerts`. */
  column(heading: string): Locator {
    return this.page.locator('section.column', { has: this.page.getByRole('heading', { name: heading, exact: true }) });
  }

  /** Chooses who looks and acts in a column; the heading of a chat changes with the person. */
  async look(heading: string, who: string): Promise<void> {
    await this.column(heading).locator('.head select').selectOption(who);
  }

  /** The dialog that is open over a column. */
  dialog(heading: string): Locator {
    return this.column(heading).getByRole('dialog');
  }

  async say(heading: string, text: string): Promise<void> {
    const box = this.column(heading).locator('.composer textarea');
    await box.fill(text);
    await box.press('Enter');
  }

  /** The newest message of a column that has all these words. */
  message(heading: string, ...words: string[]): Locator {
    let messages = this.column(heading).locator('.message');
    for (const word of words) messages = messages.filter({ hasText: word });
    return messages.last();
  }

  /** Clicks the newest button of this title in a column. */
  async click(heading: string, title: string): Promise<void> {
    await this.column(heading).getByRole('button', { name: title, exact: true }).last().click();
  }

  /** Fills an input of the newest card in a column by its label. */
  async fill(heading: string, label: string, value: string): Promise<void> {
    await this.column(heading).getByLabel(label).last().fill(value);
  }
}
