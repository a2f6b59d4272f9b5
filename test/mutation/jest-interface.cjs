// Lets mocha run jest's tests in one process, because Stryker starts jest again for each mutant. Snapshots always match: only
// assertions with a name can notice a mutant
const { expect } = require('expect');
const { bind } = require('jest-each');
const { ModuleMocker } = require('jest-mock');
const { interfaces } = require('mocha');

const always = () => ({ pass: true, message: () => '' });
expect.extend({ toMatchSnapshot: always, toMatchInlineSnapshot: always });
const mocker = new ModuleMocker(globalThis);
const jest = { spyOn: mocker.spyOn.bind(mocker), fn: mocker.fn.bind(mocker) };

const { bdd } = interfaces;
interfaces.bdd = suite => {
  bdd(suite);
  suite.on('pre-require', context => {
    const { describe, it } = context;
    const test = (name, run) => it(name, run && (() => run()));
    Object.assign(context, {
      expect,
      jest,
      test: Object.assign(test, { each: bind(test, false), skip: it.skip }),
      describe: Object.assign(describe, { each: bind(describe, false) }),
      // Stryker notes for each test which code it runs, and for no test what a hook of the suite runs
      beforeAll: context.beforeEach,
      afterAll: context.after,
    });
  });
};
