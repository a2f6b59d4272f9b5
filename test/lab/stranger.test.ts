// the scenario `stranger` waits for words of port-guard: they are the words that it has
import { REDIRECTED, REFUSAL } from '../../lab/scenarios/stranger';
import { PORT_GUARD } from '../../src/engines/guard/port-guard';

test('waits for what port-guard says', () => {
  const inOneLine = PORT_GUARD.text.replace(/ \\\n */g, ' ').replaceAll('$port', '443').replaceAll('$redirected', '443 of 192.0.2.11');
  expect(inOneLine).toMatch(REFUSAL);
  expect(inOneLine).toMatch(REDIRECTED);
});
