// the lab's repairs: a fault that fails half-way is repaired, and a repair that fails does not stop the others
import { after, undoAll } from '../../lab/cluster/commands';

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
  test('throws the error of the work if the repair fails too', () =>
    expect(after(fails('not within 15 s'), fails('no answer'))).rejects.toThrow('not within 15 s'));
});

test('undoAll runs all repairs, the last one first, and throws the first error', async () => {
  const ran: string[] = [];
  const repair = (name: string, work = async () => undefined as void) => async () => {
    ran.push(name);
    await work();
  };
  const repairs = [repair('first'), repair('second', fails('second')), repair('third', fails('third'))];
  await expect(undoAll(repairs)).rejects.toThrow('third');
  expect(ran).toEqual(['third', 'second', 'first']);
});
