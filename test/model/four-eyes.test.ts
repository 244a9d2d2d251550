import { expect, it } from 'vitest';
import { mayDecideAbout } from '../../services/model/four-eyes.ts';

it.each([
  ['whoever asked, with four-eyes', true, 'ada', false],
  ['somebody else, with four-eyes', true, 'pia', true],
  ['another spelling of the id is another person', true, 'Ada', true],
  ['whoever asked, without four-eyes', false, 'ada', true],
  ['somebody else, without four-eyes', false, 'pia', true],
])('%s', (_, fourEyes, person, decides) => {
  expect(mayDecideAbout({ fourEyes }, { requestedBy: 'ada' }, person)).toBe(decides);
});
