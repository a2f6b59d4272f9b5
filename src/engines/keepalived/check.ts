// what is wrong with a VRRP model, all of it at once; the renderer takes a model that passed
import { checkInstances } from './check-instances';
import { addressesOfNode, checkNodes } from './check-nodes';
import type { KeepalivedModel, LocalCheck } from './model';
import { canonicalAddress, checkAddress } from '../../validation/addresses';
import type { Problem } from '../../validation/problem';
import { checkDistinct, checkDnsLabel, checkInteger, checkPort, checkThat } from '../../validation/values';

/** All problems of a model. That something is tracked is not among them: checks are added after the model is first looked at. */
export function checkKeepalived(model: KeepalivedModel): Problem[] {
  const problems = [
    ...checkInstances(model),
    ...checkNodes(model.nodes),
    ...checkNoneTwice('check-twice', 'names of the checks', model.checks.map(check => check.name)),
    ...model.checks.flatMap(checkCheck),
    ...checkThat(/^(\/[A-Za-z0-9._-]+)+$/.test(model.runDirectory), {
      code: 'run-directory-invalid', what: 'runDirectory is not an absolute path', got: model.runDirectory, fix: 'give one such as /run/keepalived',
    }),
  ];
  const comparable = !problems.some(problem => problem.code.startsWith('address-'));
  return comparable ? [...problems, ...checkClaims(model)] : problems;
}

/** An address belongs to one instance or to one node. */
function checkClaims({ instances, nodes }: KeepalivedModel): Problem[] {
  const virtual = instances.flatMap(instance => [...instance.addresses, ...instance.excludedAddresses]).map(canonicalAddress);
  const own = nodes.flatMap(node => addressesOfNode(node).map(address => ({ id: node.id, address: canonicalAddress(address) })));
  return [
    ...checkNoneTwice('address-twice', 'virtual addresses', virtual),
    ...checkNoneTwice('address-twice', 'addresses of the nodes', own.map(({ address }) => address)),
    ...own.filter(({ address }) => virtual.includes(address)).map(({ id, address }) => ({
      code: 'address-of-node', what: `virtual address is the address of node ${id}`, got: address, fix: 'choose one that nothing has',
    })),
  ];
}

/** Unlike `checkDistinct`, content with an empty list. */
function checkNoneTwice(code: string, what: string, values: string[]): Problem[] {
  return values.length === 0 ? [] : checkDistinct(code, what, values);
}

function checkCheck(check: LocalCheck): Problem[] {
  const of = `of check ${JSON.stringify(check.name)}`;
  return [
    ...checkDnsLabel(`name ${of}`, check.name),
    // a loopback address is the usual one here
    ...checkAddress(`address ${of}`, check.address).filter(problem => problem.code === 'address-invalid'),
    ...(check.secondAddress === undefined ? [] : checkAddress(`secondAddress ${of}`, check.secondAddress)
      .filter(problem => problem.code === 'address-invalid')),
    ...checkPort(`port ${of}`, check.port),
    ...checkThat(/^\/[A-Za-z0-9._/?&=:,+%-]*$/.test(check.path), {
      code: 'check-path-invalid',
      what: `path ${of} cannot be used in a URL as it is`,
      got: check.path,
      fix: 'begin with / and percent-encode the rest',
    }),
    ...checkInteger('check-interval-out-of-range', `intervalMs ${of}`, check.intervalMs, 100, 10_000),
    ...checkInteger('check-timeout-out-of-range', `timeoutMs ${of}`, check.timeoutMs, Math.max(100, check.intervalMs), 10_000),
    ...checkInteger('check-count-out-of-range', `fall ${of}`, check.fall, 1, 100),
    ...checkInteger('check-count-out-of-range', `rise ${of}`, check.rise, 1, 100),
  ];
}
