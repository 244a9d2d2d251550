import type { CallLog } from './call-log.ts';
import type { Activity } from './wire.ts';

/** Issues the token that the Bot Connector attaches to an activity. */
export type IssueToken = (request: { audience: string; serviceUrl: string }) => Promise<string>;

export interface BotAnswer {
  /** 0 when there was no answer in time or no connection. */
  status: number;
  body: unknown;
  tookMs: number;
}

/** The bot's messaging endpoint, as the channel sees it. `url` may change while the bot restarts. */
export class BotEndpoint {
  url: string | undefined;
  private readonly options: {
    appId: string;
    serviceUrl: string;
    issueToken: IssueToken | undefined;
    timeoutMs: number;
    log: CallLog;
    now: () => number;
  };

  constructor(url: string | undefined, options: BotEndpoint['options']) {
    this.url = url;
    this.options = options;
  }

  /** Posts one activity. Never throws: a dead or slow bot is an answer with status 0, as for the person who waits for it. */
  async deliver(activity: Activity, about: { personId: string; trigger?: string }): Promise<BotAnswer> {
    const { log, now } = this.options;
    const startedAt = now();
    const { status, body } = await this.post(activity);
    const tookMs = now() - startedAt;
    log.add({
      kind: 'delivery',
      at: startedAt,
      tookMs,
      activityId: activity.id ?? '',
      type: activity.type,
      ...(activity.name === undefined ? {} : { name: activity.name }),
      ...(about.trigger === undefined ? {} : { trigger: about.trigger }),
      personId: about.personId,
      conversation: activity.conversation?.id ?? '',
      status,
    });
    return { status, body, tookMs };
  }

  private async post(activity: Activity): Promise<{ status: number; body: unknown }> {
    const { appId, serviceUrl, issueToken, timeoutMs } = this.options;
    if (this.url === undefined) return { status: 0, body: undefined };
    const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' };
    if (issueToken !== undefined) {
      headers['authorization'] =
        `Bearer ${await issueToken({ audience: appId, serviceUrl: activity.serviceUrl ?? serviceUrl })}`;
    }
    try {
      const response = await fetch(this.url, {
        method: 'POST',
        headers,
        body: JSON.stringify(activity),
        signal: AbortSignal.timeout(timeoutMs),
        redirect: 'error',
      });
      return { status: response.status, body: parseLoosely(await response.text()) };
    } catch {
      return { status: 0, body: undefined };
    }
  }
}

function parseLoosely(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return text;
  }
}
