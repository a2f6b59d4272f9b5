// a Gateway of expose('*'): its certificate covers whatever it covers
import { edgeOf } from '../../packages/doctor/src/edge/edge';

test('a certificate for every host needs no name', () => {
  const server = (hosts: string[]) => ({ hosts, port: { number: 443, name: 'https', protocol: 'HTTPS' }, tls: { mode: 'SIMPLE', credentialName: 'tls' } });
  const gateway = { apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata: { name: 'edge', namespace: 'edge' }, spec: { servers: [server(['*']), server(['a.example.com'])] } };
  expect(edgeOf([gateway]).certificates.map(({ hosts }) => hosts)).toEqual([['a.example.com']]);
});
