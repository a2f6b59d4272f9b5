// the lab's repairs: a fault that fails half-way is repaired. A repair that fails does not stop the others, and hides no error
import { after, cleanUpErrors, undo, undoAll } from '../../lab/cluster/commands';
import { Progress } from '../../lab/cluster/progress';
import { Result } from '../../lab/findings';
import { runOne } from '../../lab/run-scenarios';
import { Scenario, ScenarioContext } from '../../lab/scenario';

const fails = (what: string) => async () => { throw new Error(what); };

describe('after', () => {
  test('returns the repair of work that succeeds, and does not run it', async () => {
    const repair = jest.fn(async () => undefined);
    expect(await after(async () => undefined, repair)).toBe(repair);
    expect(repair).not.toHaveBeenCalled();
  });
  test('repairs work that fails, and throws its error', async () => {
    const repair = jest.fn(async () => undefined);
    await expect(after(fails('not within 15 s'), repair)).rejects.toThrow('not within 15 s');
    expect(repair).toHaveBeenCalledTimes(1);
  });
  test('throws the error of the work if the repair fails too', async () => {
    await expect(after(fails('not within 15 s'), fails('no answer'))).rejects.toThrow('not within 15 s');
    expect(cleanUpErrors()).toEqual(['no answer']);
  });
});

test('undoAll runs all repairs, the last one first, and keeps the errors', async () => {
  const ran: string[] = [];
  const repair = (name: string, work = async () => undefined as void) => async () => {
    ran.push(name);
    await work();
  };
  await undoAll([repair('first'), repair('second', fails('second')), repair('third', fails('third'))]);
  expect(ran).toEqual(['third', 'second', 'first']);
  expect(cleanUpErrors()).toEqual(['third', 'second']);
  expect(cleanUpErrors()).toEqual([]);
});

describe('a scenario', () => {
  const met: Result = { scenario: 'made-up', criterion: 'outage', figure: 0, unit: 's', goal: 1, pass: true };

  /** Runs it with a clean-up that fails; returns its results and what the lab says. */
  async function seen(work: () => Promise<void>): Promise<[Result[], string[]]> {
    const progress = new Progress();
    const said: string[] = [];
    jest.spyOn(progress, 'say').mockImplementation(line => void said.push(line));
    const scenario: Scenario = {
      name: 'made-up',
      title: 'has a clean-up that fails',
      run: async () => {
        try {
          await work();
          return [met];
        } finally {
          await undo(fails('no answer'));
        }
      },
    };
    const clear = async () => undefined;
    return [await runOne(scenario, { progress, edges: { clear } } as unknown as ScenarioContext), said.filter(line => !/FAILED|: 0\.\d s$/.test(line))];
  }

  test('that fails says first why, and then that its clean-up failed', async () => {
    const [results, said] = await seen(fails('not settled'));
    expect(said).toEqual(['made-up did not run to its end: not settled', 'made-up: a clean-up failed: no answer']);
    expect(results.map(({ criterion, pass }) => [criterion, pass])).toEqual([['did not run to its end', false]]);
  });

  test('that succeeds is missed if its clean-up fails', async () => {
    const [results, said] = await seen(async () => undefined);
    expect(said).toEqual(['made-up: a clean-up failed: no answer']);
    expect(results.map(({ criterion, pass }) => [criterion, pass])).toEqual([['outage', true], ['cleaned up', false]]);
  });
});
