// the images of the lab: replacements of public images, and the lab's own

import { join } from 'node:path';
import { ISTIO_NEXT_VERSION, ISTIO_VERSION, istioFile, Programs } from './build';
import { ENGINES_BIN } from './cache';
import { ENGINES } from './engines';

/** How an image's container starts and stops. */
export interface ImageConfig {
  readonly Entrypoint?: string[];
  readonly Cmd?: string[];
  readonly Env?: string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly StopSignal?: string;
}

export interface ImageRecipe {
  /** The reference without host, `library/`, tag and digest. */
  readonly repository: string;
  /** The base: Debian's minimal system, nothing, or the image that a folder of images/ builds. */
  readonly base: 'debian' | 'scratch' | 'built';
  /** Debian packages. */
  readonly packages?: string[];
  /** Folder below lab/cluster/images/: copied to the root, then its setup.sh runs and is removed. For `built`: folder below images/. */
  readonly folder?: string;
  /** Path in the image → a program of this machine. */
  readonly programs?: { [path: string]: string };
  /** For `built`: none, the folder's image has its own. */
  readonly config: ImageConfig;
  /** More references of the image, beside the lab's own and the library's defaults. */
  readonly references?: string[];
}

/** Host of the lab's references. It does not exist, so no registry can answer. */
export const LAB_HOST = 'lab.invalid';
/** Tag of the lab's references. */
export const LAB_TAG = 'lab';

export const PAUSE_IMAGE = `${LAB_HOST}/pause:${LAB_TAG}`;

export function imageRecipes(programs: Programs): ImageRecipe[] {
  return [
    {
      repository: 'pause',
      base: 'scratch',
      programs: { '/labtool': programs.labtool },
      config: { Entrypoint: ['/labtool', 'pause'], User: '65535:65535' },
    },
    {
      repository: 'coredns',
      base: 'scratch',
      programs: { '/coredns': programs.coredns },
      config: { Entrypoint: ['/coredns'] },
    },
    { // stands in for an ingress gateway and its backend
      repository: 'labtool',
      base: 'debian',
      programs: { '/usr/local/bin/labtool': programs.labtool },
      config: { Entrypoint: ['/usr/local/bin/labtool'] },
    },
    {
      repository: 'envoyproxy/envoy',
      base: 'debian',
      folder: 'envoy',
      programs: { '/usr/local/bin/envoy': join(ENGINES_BIN, 'envoy') },
      config: { Entrypoint: ['/docker-entrypoint.sh'], Cmd: ['envoy', '-c', '/etc/envoy/envoy.yaml'] },
    },
    {
      repository: 'haproxy',
      base: 'debian',
      folder: 'haproxy',
      packages: ['haproxy'],
      config: {
        Entrypoint: ['docker-entrypoint.sh'],
        Cmd: ['haproxy', '-f', '/usr/local/etc/haproxy/haproxy.cfg'],
        User: 'haproxy',
        WorkingDir: '/var/lib/haproxy',
        StopSignal: 'SIGUSR1',
      },
    },
    {
      repository: 'nginx',
      base: 'debian',
      folder: 'nginx',
      packages: ['nginx', 'libnginx-mod-stream', 'curl'],
      config: { Entrypoint: ['/docker-entrypoint.sh'], Cmd: ['nginx', '-g', 'daemon off;'], StopSignal: 'SIGQUIT' },
    },
    keepalivedRecipe(),
    ...istioRecipes(programs.istio),
  ];
}

/** The newest keepalived runs in this repository's own image. The oldest runs in an imitation of the default image, which is Alpine's. */
function keepalivedRecipe(): ImageRecipe {
  const repository = 'cplieger/docker-keepalived';
  return ENGINES === 'newest'
    ? { repository, base: 'built', folder: 'keepalived', config: {} }
    : {
      repository,
      base: 'debian',
      folder: 'keepalived',
      packages: ['keepalived', 'busybox'],
      config: { Entrypoint: ['keepalived', '--dont-fork', '--log-console', '--log-detail'] },
    };
}

/** `proxyv2` has upstream's Envoy, because the lab cannot build Istio's. Its packages are those of Istio's base image that a hand-over needs. */
function istioRecipes(folder: string): ImageRecipe[] {
  return [
    {
      repository: 'istio/proxyv2',
      base: 'debian',
      folder: 'istio',
      packages: ['nftables', 'iproute2', 'iputils-ping'],
      programs: {
        '/usr/local/bin/envoy': join(ENGINES_BIN, 'envoy'),
        '/usr/local/bin/pilot-agent': join(folder, 'pilot-agent'),
        '/var/lib/istio/envoy/envoy_bootstrap_tmpl.json': istioFile(folder, 'bootstrap'),
      },
      config: { Entrypoint: ['/usr/local/bin/pilot-agent'], Env: ['ISTIO_META_ISTIO_PROXY_SHA=upstream'], WorkingDir: '/' },
      references: versionsOf('istio/proxyv2'),
    },
    {
      repository: 'istio/pilot',
      base: 'debian',
      folder: 'istio',
      programs: { '/usr/local/bin/pilot-discovery': join(folder, 'pilot-discovery') },
      config: { Entrypoint: ['/usr/local/bin/pilot-discovery'], User: '1337:1337' },
      references: versionsOf('istio/pilot'),
    },
  ];
}

function versionsOf(repository: string): string[] {
  return [ISTIO_VERSION, ISTIO_NEXT_VERSION].map(version => `docker.io/${repository}:${version}`);
}

/** `docker.io/library/nginx:1.30.6@sha256:…` → `nginx` */
export function repositoryOf(reference: string): string {
  return fullReference(reference).replace(/[@:][^/]*$/, '').replace(/^[^/]*\//, '').replace(/^library\//, '');
}

/** containerd's name for an image: with host and full path, and without the tag if there is a digest. */
export function fullReference(reference: string): string {
  const hasHost = /^(localhost|[^/]*[.:][^/]*)\//.test(reference);
  const named = hasHost ? reference : `docker.io/${reference.includes('/') ? '' : 'library/'}${reference}`;
  return /[:@][^/]*$/.test(named) ? named.replace(/:[^/@]*(?=@)/, '') : `${named}:latest`;
}

/** The lab's own reference for the image that replaces this one. */
export function labReference(reference: string): string {
  return `${LAB_HOST}/${repositoryOf(reference)}:${LAB_TAG}`;
}
