// pods against nodes: enough nodes for the replicas, and the same nodes for two workloads
import { EdgeNodes } from '../../src';
import { describeProblem } from '../../src/validation/problem';
import { checkCovered, checkReplicas } from '../../src/workload/host-workload-checks';

const named = EdgeNodes.named;
const labeled = EdgeNodes.labeled;

describe('replicas', () => {
  const codes = (replicas: number | undefined, nodes: EdgeNodes) => checkReplicas(replicas, nodes).map(({ code }) => code);

  test('are not checked for a DaemonSet', () => expect(codes(undefined, named('a'))).toEqual([]));
  test('may be as many as nodes', () => expect(codes(2, named('a', 'b'))).toEqual([]));
  test('fail on too few nodes', () => expect(codes(3, named('a', 'b'))).toEqual(['replicas-over-nodes']));
  test('may be many where the number of nodes is not known', () => expect(codes(9, labeled({ role: 'edge' }))).toEqual([]));
  test.each([0, 1_001, 1.5])('fail for %d', replicas => expect(codes(replicas, labeled({ role: 'edge' }))).toEqual(['replicas-out-of-range']));
});

describe('the nodes of a workload', () => {
  const problems = (nodes: EdgeNodes, theirs: EdgeNodes) =>
    checkCovered(nodes, theirs, { code: 'vip-node-without-listener', what: 'the other one is not there' }).map(describeProblem);

  test.each<[string, EdgeNodes, EdgeNodes]>([
    ['the same names', named('a', 'b'), named('b', 'a')],
    ['more names of the other one', named('a'), named('a', 'b')],
    ['the same labels', labeled({ role: 'edge' }), labeled({ role: 'edge' })],
    ['fewer labels of the other one', labeled({ role: 'edge', zone: 'a' }), labeled({ role: 'edge' })],
    ['names, whose labels are not known', named('a'), labeled({ role: 'edge' })],
    ['one taint on both', named('a').dedicated('only'), named('a').dedicated('only')],
  ])('fit with %s', (_, nodes, theirs) => expect(problems(nodes, theirs)).toEqual([]));

  test.each<[string, EdgeNodes, EdgeNodes, string]>([
    ['a name that the other one lacks', named('a', 'b'), named('a', 'c'), 'got ["b"]; give both the same nodes'],
    ['another label', labeled({ role: 'edge' }), labeled({ role: 'gateway' }), 'got "role=edge"; give both the same nodes'],
    ['more labels of the other one', labeled({ role: 'edge' }), labeled({ role: 'edge', zone: 'a' }), 'got "role=edge"; give both the same nodes'],
    ['a taint that the other one does not tolerate', named('a').dedicated('only'), named('a'), 'got "no taint"; give both the same nodes, with dedicated(\'only\')'],
    ['a taint that only the other one tolerates', named('a'), named('a').dedicated('only'), 'got "only"; give both the same nodes, with dedicated(\'only\')'],
    ['taints that only the other one tolerates', named('a'), named('a').dedicated('one', 'two'), 'got "one, two"; give both the same nodes, with dedicated(\'one\', \'two\')'],
    ['two taints', named('a').dedicated('one'), named('a').dedicated('other'), 'got "other"; give both the same nodes, with dedicated(\'one\', \'other\')'],
  ])('do not fit with %s', (_, nodes, theirs, says) =>
    expect(problems(nodes, theirs)).toEqual([expect.stringContaining(`vip-node-without-listener: the other one is not there, ${says}`)]));
  test('do not fit if they are known to be others', () => {
    const nodes = named('a');
    const theirs = labeled({ role: 'edge' }).assumeDisjointFrom(nodes);
    expect(problems(nodes, theirs)).toHaveLength(1);
  });
});
