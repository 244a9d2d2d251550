import { splitConversationId } from './state.ts';

/** What goes wrong with a request of the bot to the connector. */
export interface Fault {
  match: {
    method?: string;
    /** A conversation's id, with or without a thread. */
    conversation?: string;
    /** A part of the path. */
    path?: string;
  };
  /** How many requests it hits; the default is one. */
  times?: number;
  answer: {
    /** Leave it out to only delay the request. */
    status?: number;
    /** Seconds in the `Retry-After` header; without it the header is missing, which the SDK treats differently. */
    retryAfter?: number;
    delayMs?: number;
    /** Breaks the connection instead of answering. */
    reset?: boolean;
    /** Code in the error body; each status has a fitting default. */
    code?: string;
    /** The work is done and only the answer is lost: a bot that repeats it posts twice. */
    afterwards?: boolean;
  };
}

const CODES: Record<number, string> = {
  403: 'MessageWritesBlocked',
  404: 'ConversationNotFound',
  412: 'PreconditionFailed',
  413: 'MessageSizeTooBig',
  429: 'TooManyRequests',
  500: 'ServiceError',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
};

/** A request of the bot, as rules see it. */
export interface FaultRequest {
  method: string;
  path: string;
  /** As the path names it. */
  conversation?: string;
  /** The conversation that it is a send to, without a thread; the path of a new thread names none. */
  target?: string;
}

/** Rules in the order in which they were set; each request uses up one turn of the first that matches. */
export class FaultQueue {
  private readonly waiting: { fault: Fault; left: number }[] = [];

  add(...faults: Fault[]): void {
    for (const fault of faults) this.waiting.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.waiting.length = 0;
  }

  get pending(): number {
    return this.waiting.reduce((sum, entry) => sum + entry.left, 0);
  }

  /** Decides for each request that no rule of the queue hits: faults at random, from a seed. */
  always: ((request: FaultRequest) => Fault['answer'] | undefined) | null = null;

  take(request: FaultRequest): Fault['answer'] | undefined {
    const index = this.waiting.findIndex(({ fault }) => matches(fault.match, request));
    const entry = this.waiting[index];
    if (entry === undefined) return this.always?.(request);
    entry.left -= 1;
    if (entry.left <= 0) this.waiting.splice(index, 1);
    return entry.fault.answer;
  }
}

export function faultCode(answer: Fault['answer']): string {
  return answer.code ?? CODES[answer.status ?? 500] ?? 'ServiceError';
}

function matches(match: Fault['match'], request: FaultRequest): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== request.method) return false;
  if (match.path !== undefined && !request.path.includes(match.path)) return false;
  if (match.conversation === undefined) return true;
  if (request.conversation === undefined) return false;
  return (
    match.conversation === request.conversation ||
    match.conversation === splitConversationId(request.conversation).conversationId
  );
}
