// the profiles name scenarios by text
import { CI } from '../../lab/profiles';
import { SCENARIOS } from '../../lab/scenarios';

test.each(CI.scenarios!)('%s of the profile ci is a scenario', name => expect(SCENARIOS.map(scenario => scenario.name)).toContain(name));
