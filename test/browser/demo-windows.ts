import { mkdir } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { alerts, approvals, Stage, type StageOptions } from '../http/stage.ts';
import { DemoPage } from './demo-page.ts';
import { openChromium } from './open-chromium.ts';

const screenshots = new URL('./screenshots/', import.meta.url).pathname;

/** The product with a profile that works, a channel for approvals and one for alerts, and a window for each person who looks. */
export class DemoWindows {
  readonly stage: Stage;
  /** What any of the pages complained about. */
  readonly problems: string[] = [];
  readonly #browser: Browser;
  readonly #prefix: string;
  #pictures = 0;

  private constructor(stage: Stage, browser: Browser, prefix: string) {
    this.stage = stage;
    this.#browser = browser;
    this.#prefix = prefix;
  }

  static async open(prefix: string, options: StageOptions): Promise<DemoWindows> {
    await mkdir(screenshots, { recursive: true });
    const [stage, browser] = await Promise.all([Stage.open({ page: true, ...options }), openChromium()]);
    try {
      await stage.createProfile();
      await stage.ask('ada', approvals, 'approvers here');
      await stage.ask('ada', alerts, 'subscribe');
      return new DemoWindows(stage, browser, prefix);
    } catch (error) {
      await browser.close();
      await stage.close();
      throw error;
    }
  }

  /** The page in a window of its own. */
  async window(): Promise<DemoPage> {
    const page = await this.#browser.newPage({ viewport: { width: 1600, height: 950 } });
    page.setDefaultTimeout(20_000);
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(message.text());
    });
    page.on('pageerror', (error) => this.problems.push(error.message));
    await page.goto(this.stage.world.teams.url);
    return new DemoPage(page);
  }

  /** Kept for people to look at. */
  async picture(demo: DemoPage, name: string): Promise<void> {
    this.#pictures += 1;
    const number = String(this.#pictures).padStart(2, '0');
    await demo.page.screenshot({ path: `${screenshots}${this.#prefix}-${number}-${name}.png` });
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.stage.close();
  }
}
