// keys, certificates and kubeconfigs of the cluster: one authority, new in each run

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands';
import { RUN } from './machine';
import { CONTROL_PLANE_ADDRESS, hostOf, IpFamily, KUBERNETES_ADDRESSES, NodeSpec, primary } from './topology';

const FOLDER = join(RUN, 'keys');

/** The subject of a certificate, as `labtool certs` reads it. */
interface Subject {
  readonly file: string;
  readonly commonName: string;
  readonly organization?: string[];
  readonly names?: string[];
  readonly addresses?: string[];
}

/** Users of the API server; `file` is the name of their files. */
const USERS: Subject[] = [
  { file: 'admin', commonName: 'admin', organization: ['system:masters'] },
  { file: 'controller-manager', commonName: 'system:kube-controller-manager' },
  { file: 'scheduler', commonName: 'system:kube-scheduler' },
  { file: 'proxy', commonName: 'system:kube-proxy' },
];

/** File name of the services' certificate and key. */
export const WEB_CERTIFICATE = 'web';
/** File name of the key of the ACME server. */
export const ACME_SERVER = 'acme';
const WEB_NAMES = ['example.com', '*.example.com', '*.partners.example.com'];

export function keyFile(name: string): string {
  return join(FOLDER, name);
}

export function kubeconfigOf(user: string): string {
  return join(FOLDER, `${user}.kubeconfig`);
}

export async function makeKeys(labtool: string, nodes: NodeSpec[], family: IpFamily): Promise<void> {
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
  const kubelets = nodes.map((node): Subject => ({
    file: node.name, commonName: `system:node:${node.name}`, organization: ['system:nodes'], names: [node.name], addresses: [node.ipv4, node.ipv6],
  }));
  const servers: Subject[] = [
    {
      file: 'apiserver',
      commonName: 'kube-apiserver',
      names: ['kubernetes', 'kubernetes.default.svc'],
      addresses: [CONTROL_PLANE_ADDRESS.ipv4, CONTROL_PLANE_ADDRESS.ipv6, ...KUBERNETES_ADDRESSES],
    },
    { file: 'kubelet-client', commonName: 'kube-apiserver-kubelet-client', organization: ['system:masters'] },
    { file: ACME_SERVER, commonName: 'acme', addresses: [CONTROL_PLANE_ADDRESS.ipv4] },
    { file: WEB_CERTIFICATE, commonName: 'example.com', names: WEB_NAMES },
  ];
  await run([labtool, 'certs', '--out', FOLDER], { input: JSON.stringify([...servers, ...USERS, ...kubelets]) });
  const server = `https://${hostOf(primary(family, CONTROL_PLANE_ADDRESS))}:6443`;
  [...USERS, ...kubelets].forEach(({ file }) => writeFileSync(kubeconfigOf(file), kubeconfig(file, server), { mode: 0o600 }));
}

/** A kubeconfig in JSON, which is valid YAML. */
function kubeconfig(user: string, server: string): string {
  return JSON.stringify({
    'apiVersion': 'v1',
    'kind': 'Config',
    'clusters': [{ name: 'lab', cluster: { server, 'certificate-authority': keyFile('ca.crt') } }],
    'users': [{ name: user, user: { 'client-certificate': keyFile(`${user}.crt`), 'client-key': keyFile(`${user}.key`) } }],
    'contexts': [{ name: 'lab', context: { cluster: 'lab', user } }],
    'current-context': 'lab',
  });
}
