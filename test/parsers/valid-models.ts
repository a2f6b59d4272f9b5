// the engines' models of a valid case, and the texts that were made of them
import { App } from 'cdk8s';
import { FrontProxy, KeepalivedVip } from '../../src';
import type { KeepalivedModel } from '../../src/engines/keepalived/model';
import type { ProxyModel } from '../../src/engines/proxy-model';
import { buildEdge } from '../properties/valid-edges';
import type { EdgeCase } from '../properties/valid-edges';
import { manifestsOf } from '../properties/valid-properties';

/** File of each front proxy. */
export const PROXY_FILES = { 'front-envoy.yaml': 'envoy', 'front-haproxy.cfg': 'haproxy', 'front-nginx.conf': 'nginx' } as const;

export interface ProxyCase { readonly engine: 'envoy' | 'haproxy' | 'nginx'; readonly model: ProxyModel; readonly text: string; readonly files: Files }

export interface VipCase { readonly model: KeepalivedModel; readonly text: string; readonly files: Files }

type Files = { readonly [name: string]: string };

export interface Models { readonly proxy?: ProxyCase; readonly vip?: VipCase }

/** An edge has at most one front proxy and one virtual IP. */
export function modelsOf(wish: EdgeCase): Models {
  const app = new App();
  const constructs = buildEdge(app, wish).node.findAll();
  const configMaps = manifestsOf({ all: app.synthYaml() as string }).filter(({ kind }) => kind === 'ConfigMap').map(({ data }): Files => data ?? {});
  const front = constructs.find(construct => construct instanceof FrontProxy);
  const vip = constructs.find(construct => construct instanceof KeepalivedVip);
  const files = (name: string) => configMaps.find(data => name in data)!;
  const [file, engine] = Object.entries(PROXY_FILES).find(([, name]) => name === wish.front) ?? [];
  /* eslint-disable dot-notation -- a private method: what the constructs themselves render */
  return {
    ...(front && file && engine && { proxy: { engine, model: front['model'](), files: files(file), text: files(file)[file] } }),
    ...(vip && { vip: { model: vip['model'](), files: files('keepalived.conf'), text: files('keepalived.conf')['keepalived.conf'] } }),
  };
  /* eslint-enable dot-notation */
}
