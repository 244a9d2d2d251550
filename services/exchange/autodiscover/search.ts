import { judge } from './judge-answer.ts';
import { keyOf, leadsOf } from './leads.ts';
import { react } from './reactions.ts';
import {
  searchLimits,
  type Ask,
  type Current,
  type EndpointLead,
  type Heard,
  type Outcome,
  type Search,
  type Subject,
  type Turn,
} from './search-state.ts';
import { stepOf } from './trace.ts';
import { verdictOf } from './verdict.ts';

/** The search for a server as a function of values: what was heard last gives the next request or the result. */
export function startSearch(subject: Subject): Turn {
  return advance({
    subject,
    address: subject.address,
    addresses: [subject.address.toLowerCase()],
    current: nowhere,
    queue: leadsOf(subject.domain, subject.namedAddresses),
    visited: [],
    hops: 0,
    asked: 0,
    findings: [],
    trace: [],
  });
}

/** @param at epoch ms of the answer, for the trace */
export function continueSearch(search: Search, heard: Heard, at: number): Turn {
  const { ask } = search.current;
  const reaction = react(search, judge(ask, heard, search.subject.account));
  const { next } = reaction;
  const trace = [...search.trace, stepOf(ask, heard, reaction.note, at)];
  const after: Search = { ...reaction.search, trace };
  if (next.kind === 'end') return end(after, next.outcome);
  return next.kind === 'put' ? put(after, next.current) : advance(after);
}

/** On to the next place that was not asked about this address yet. */
function advance(search: Search): Turn {
  const [lead, ...queue] = search.queue;
  if (lead === undefined) return end(search, verdictOf(search.findings, search.subject.domain));
  if (lead.kind !== 'endpoint') return put({ ...search, queue }, { lead, ask: lead });
  const key = keyOf(lead.endpoint, search.address);
  if (search.visited.includes(key)) return advance({ ...search, queue });
  const entered: EndpointLead = { ...lead, chain: [...lead.chain, key] };
  const ask: Ask = { kind: 'probe', method: 'GET', url: lead.endpoint.pox ?? lead.endpoint.soap ?? '' };
  return put({ ...search, queue, visited: [...search.visited, key] }, { lead: entered, ask });
}

function put(search: Search, current: Current): Turn {
  if (search.asked >= searchLimits.requests) {
    const fault = { code: 'AutodiscoverRedirectLoop', params: { host: search.subject.domain } } as const;
    return end(search, { kind: 'fault', fault });
  }
  return { kind: 'ask', ask: current.ask, search: { ...search, current, asked: search.asked + 1 } };
}

const end = (search: Search, outcome: Outcome): Turn => ({
  kind: 'end',
  outcome,
  trace: search.trace,
});

/** Before the first place. */
const nowhere: Current = {
  lead: { kind: 'srv', name: '' },
  ask: { kind: 'srv', name: '' },
};
