// the pod of a host gateway against the table of what Istio's injector writes; the lab's scenario istio-drift holds the same table against a real injector
import { deviations, fieldsOf, rowsOf } from '../../lab/edge/drift';
import { GATEWAYS_TO_INJECT, podToInject, writtenPod } from '../../lab/variants/gateways-to-inject';

describe.each(GATEWAYS_TO_INJECT)('the host gateway "$name"', gateway => {
  const written = fieldsOf(writtenPod(gateway));

  test('is written as lab/drift-table.json has it', () => expect(deviations(written, gateway.name, 'written')).toEqual([]));

  test('differs from what the injector writes for reasons that the table names', () => {
    const unexplained = Object.entries(rowsOf(gateway.name)).filter(([, row]) => !('both' in row) && !(row.why.length > 10));
    expect(unexplained).toEqual([]);
  });

  // without a cluster: the real injector keeps them and adds its own
  test('asks for injection with labels and annotations that the table has', () => {
    const isMetadata = (path: string) => /^(labels|annotations)\./.test(path);
    const asked = Object.keys(fieldsOf(podToInject(gateway))).filter(isMetadata);
    const deviating = deviations(fieldsOf(podToInject(gateway)), gateway.name, 'injected').filter(text => asked.some(path => text.includes(`: ${path}: `)));
    expect(deviating).toEqual([]);
  });
});

describe('the drift guard', () => {
  const [plain] = GATEWAYS_TO_INJECT;
  const pod = writtenPod(plain);
  const changed = (change: (container: { [field: string]: unknown }) => void) => {
    const other = structuredClone(pod);
    change(other.spec.containers[0]);
    return deviations(fieldsOf(other), plain.name, 'written');
  };

  test.each<[string, (container: { [field: string]: any }) => void, string]>([
    ['a new environment variable', ({ env }) => env.push({ name: 'NEW', value: 'x' }), 'env.NEW.value: written "x", in the table nothing'],
    ['a variable that has nothing but its name', ({ env }) => env.push({ name: 'NEW' }), 'env.NEW: written {}, in the table nothing'],
    ['another argument', ({ args }) => args.push('--stsPort=1'), 'args: written ["proxy",'],
    ['another value in JSON text', ({ env }) => {
      env.find(({ name }: { name: string }) => name === 'PROXY_CONFIG').value = '{"discoveryAddress":"x"}';
    }, 'env.PROXY_CONFIG.value.discoveryAddress: written "x", in the table "istiod.istio-system.svc:15012"'],
    ['a mount that is gone', ({ volumeMounts }) => volumeMounts.pop(), 'in the table'],
    ['another probe', ({ readinessProbe }) => { readinessProbe.httpGet.port = 1; }, 'readinessProbe.httpGet.port: written 1, in the table 15021'],
  ])('sees %s', (_, change, text) => expect(changed(change).join()).toContain(text));

  test('takes what the API server adds for what was left out', () => {
    expect(changed(container => Object.assign(container, { terminationMessagePath: '/dev/termination-log', imagePullPolicy: 'IfNotPresent' }))).toEqual([]);
  });
});
