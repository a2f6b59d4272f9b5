// virtual addresses that stay only on nodes with healthy listeners
import { Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { chooseHandover } from './check-handover';
import { checkAnswer, checkTracked } from './check-tracked';
import { checkVipProps } from './check-vip';
import type { Handover } from './handover';
import type { KeepalivedVipProps } from './keepalived-vip-props';
import { DEFAULT_ADVERT_MS, planVip } from './plan';
import { planHandover } from './plan-handover';
import type { HandoverWishes } from './plan-handover';
import { metricsPort, planVipMetrics } from './plan-metrics';
import { vipClaims } from './vip-claims';
import type { VirtualAddress } from './virtual-address';
import { HANDOVER_IMAGE, handoverProcess } from '../engines/handover/process';
import { keepalivedMetricsProcess } from '../engines/keepalived/metrics';
import type { KeepalivedModel } from '../engines/keepalived/model';
import { KEEPALIVED_IMAGE, keepalivedProcess } from '../engines/keepalived/process';
import { NGINX_IMAGE } from '../engines/nginx/process';
import { virtualAddressesOn } from '../nodes/address-claims';
import type { IHostListener } from '../nodes/host-listener';
import { HostPort } from '../nodes/host-port';
import { claimHostPorts } from '../nodes/host-port-claims';
import { clashesAmong, Registry } from '../nodes/registry';
import { ownCopy } from '../validation/own-copy';
import { throwIfAny } from '../validation/problem';
import type { Problem } from '../validation/problem';
import { validateCall, validateNew } from '../validation/shapes';
import { checkLater } from '../workload/at-synthesis';
import { EngineWorkload } from '../workload/engine-workload';
import type { Sidecar } from '../workload/engine-workload';
import { removeFailed } from '../workload/failed-construct';
import { nameOf, namespaceOf } from '../workload/names';
import { bindPorts, HAND_OVER, MANAGE_ADDRESSES } from '../workload/privileges';

/**
 * No CPU limit: a throttled MASTER looks dead to the other nodes. The request is higher than the usage, because it sets the share
 * of a busy CPU: a check that runs too late looks like a hung proxy.
 */
const RESOURCES: kplus.ContainerResources = {
  cpu: { request: kplus.Cpu.millis(200) },
  memory: { request: Size.mebibytes(32), limit: Size.mebibytes(64) },
};

/** It uses much less CPU. The request is its share of a busy one: it must renew the lifetimes of the addresses in time. */
const HANDOVER_RESOURCES: kplus.ContainerResources = {
  cpu: { request: kplus.Cpu.millis(100) },
  memory: { request: Size.mebibytes(32), limit: Size.mebibytes(64) },
};

/** A script that reads a few files a second, and a web server for one file. */
const METRICS_RESOURCES: kplus.ContainerResources = {
  cpu: { request: kplus.Cpu.millis(20) },
  memory: { request: Size.mebibytes(16), limit: Size.mebibytes(64) },
};

/** keepalived lets only its own user read its files. */
const METRICS_USER = 0;

const NODE_NAME = { NODE_NAME: kplus.EnvValue.fromFieldRef(kplus.EnvFieldPaths.NODE_NAME) };

/** keepalived gives up its addresses at once; the rest of the time is for the container to end. */
const TERMINATION_GRACE_SECONDS = 10;

/**
 * Virtual IP addresses, held by one healthy node at a time.
 *
 * keepalived elects the node by VRRPv3, without the API server.
 *
 * A node holds an address only while every tracked listener answers on it. All nodes start as BACKUP. Without
 * preemption, an address stays on its node until that node fails.
 *
 * The pod runs on the host network with NET_ADMIN, NET_RAW and SETGID. It is not privileged, but its namespace needs the
 * Pod Security level `privileged`. Firewalls between the nodes must pass IP protocol 112, and ARP or neighbour discovery.
 * Every process of the node that listens on all addresses also answers on the virtual address, sshd and kubelet included.
 *
 * There is no official image of keepalived. An `image` of your own needs /bin/sh, and wget or curl.
 *
 * @see https://keepalived.org/manpage.html
 */
export class KeepalivedVip extends Construct {
  /**
   * The DaemonSet.
   */
  public readonly workload: kplus.Workload;

  /**
   * The configuration of keepalived: one text for all nodes.
   *
   * It is immutable. Its name ends with a checksum of the text, so `track()` changes the name.
   */
  public readonly configMap: kplus.ConfigMap;

  /**
   * ServiceAccount of the pods. It has no rights, and no token is mounted.
   */
  public readonly serviceAccount: kplus.ServiceAccount;

  private props: KeepalivedVipProps;
  private readonly handover: Handover;
  private readonly tracked = new Set<IHostListener>();

  /**
   * @param scope Construct to which this one belongs.
   * @param id Part of the names of all objects.
   * @param props Nodes, addresses and more.
   * @throws option-unknown, type-wrong, nodes-too-few, interface-missing, address-family, vrid-clash and more
   */
  constructor(scope: Construct, id: string, props: KeepalivedVipProps) {
    validateNew('KeepalivedVip', new.target, scope, id, props);
    super(scope, id);
    try {
      this.props = ownCopy(props);
      const model = this.model();
      this.handover = chooseHandover(props, model);
      const claims = vipClaims(this, props, model.instances);
      throwIfAny([...checkVipProps(props, model), ...clashesAmong(claims)], this.node.path);
      checkLater(this, () => checkTracked(this.props, this.handover, [...this.tracked]));
      claims.forEach(claim => Registry.of(this).claim(claim)); // the port for metrics is closed at these addresses
      const { configMap, serviceAccount, workload } = this.makeObjects();
      this.configMap = configMap;
      this.serviceAccount = serviceAccount;
      this.workload = workload;
      if (props.metrics) {
        claimHostPorts(this, props.nodes, [HostPort.tcp(metricsPort(props.metrics))]);
      }
    } catch (error) {
      removeFailed(this);
      throw error;
    }
  }

  /**
   * The addresses that move.
   */
  public get virtualAddresses(): VirtualAddress[] {
    return [...this.props.virtualAddresses];
  }

  /**
   * What Prometheus reads, if it may: the port, and whether the hand-over counts connections.
   *
   * @internal
   */
  public get _measured(): { readonly port: number; readonly handsOver: boolean } | undefined {
    return this.props.metrics && { port: metricsPort(this.props.metrics), handsOver: this.handover._isSeamless };
  }

  /**
   * Lets a node hold addresses only while this listener answers on it.
   *
   * If you track several listeners, all must answer. Tracking one again changes nothing.
   *
   * @param listener A host gateway or a front proxy that runs on every node of the virtual IP.
   * @throws type-wrong, address-not-loopback, port-out-of-range, check-path-invalid, user-out-of-range
   */
  public track(listener: IHostListener): void {
    validateCall('KeepalivedVip.track', { listener }, this.node.path);
    throwIfAny(checkAnswer(listener), this.node.path);
    this.tracked.add(listener);
    Registry.of(this).noteChange();
  }

  /**
   * Adds an address that moves as the others do, with a VRRP instance of its own.
   *
   * @param virtualAddress Another address, of the same family as the first one.
   * @throws type-wrong, address-family, address-twice, vrid-clash, preferred-node-unknown, handover-interface and more
   */
  public addVirtualAddress(virtualAddress: VirtualAddress): void {
    validateCall('KeepalivedVip.addVirtualAddress', { virtualAddress }, this.node.path);
    throwIfAny(this._checkAdded([virtualAddress]), this.node.path);
    this.props = { ...this.props, virtualAddresses: [...this.props.virtualAddresses, virtualAddress] };
    const instances = this.model().instances.slice(-1);
    vipClaims(this, { ...this.props, virtualAddresses: [virtualAddress] }, instances).forEach(claim => Registry.of(this).claim(claim));
  }

  /**
   * All problems with further addresses.
   *
   * @internal
   */
  public _checkAdded(added: VirtualAddress[]): Problem[] {
    const props = { ...this.props, handover: this.handover, virtualAddresses: [...this.props.virtualAddresses, ...added] };
    const model = this.model(props);
    return [...checkVipProps(props, model), ...clashesAmong(vipClaims(this, props, model.instances))];
  }

  private model(props: KeepalivedVipProps = this.props): KeepalivedModel {
    return planVip(nameOf(this), props, [...this.tracked].map(listener => ({
      name: nameOf(listener), health: listener.toHostListenerConfig().health,
    })));
  }

  private makeObjects(): EngineWorkload {
    return new EngineWorkload(this, {
      options: this.props,
      application: 'keepalived',
      component: 'virtual-ip',
      defaultImage: KEEPALIVED_IMAGE,
      defaultResources: RESOURCES,
      process: () => keepalivedProcess(this.model()),
      env: NODE_NAME,
      privileges: MANAGE_ADDRESSES,
      sidecars: this.sidecars(),
      readinessFailures: 2,
      nodes: this.props.nodes,
      maxSurge: 0,
      minReadySeconds: this.settleSeconds(),
      terminationGraceSeconds: TERMINATION_GRACE_SECONDS,
    });
  }

  /** Containers of their own: kubelet starts each again without keepalived, and their images can differ. */
  private sidecars(): Sidecar[] {
    return [...this.handoverSidecar(), ...this.metricsSidecar()];
  }

  private metricsSidecar(): Sidecar[] {
    const { metrics, metricsImage } = this.props;
    return metrics ? [{
      name: 'metrics',
      image: metricsImage ?? NGINX_IMAGE,
      process: () => keepalivedMetricsProcess(this.model(), planVipMetrics(metrics, this.props, virtualAddressesOn(this, this.props.nodes))),
      env: {},
      privileges: bindPorts([metricsPort(metrics)], METRICS_USER),
      resources: METRICS_RESOURCES,
      engineDirectories: 'read',
    }] : [];
  }

  private handoverSidecar(): Sidecar[] {
    const { handover, props: { metrics } } = this;
    const wanted = { counts: metrics !== undefined, spreads: handover._options.spreadConnections ?? false };
    return handover._isSeamless ? [{
      name: 'handover',
      image: handover._options.image ?? HANDOVER_IMAGE,
      process: () => {
        const listeners = [...this.tracked].map(listener => listener.toHostListenerConfig());
        return handoverProcess(planHandover(namespaceOf(this), this.model(), listeners, wanted));
      },
      env: NODE_NAME,
      privileges: HAND_OVER,
      resources: handover._options.resources ?? HANDOVER_RESOURCES,
      engineDirectories: engineDirectoriesOf(wanted),
    }] : [];
  }

  /** A rollout goes on after the longest election: three advert intervals, and a skew of less than one more. */
  private settleSeconds(): number {
    const advertMs = this.props.advertInterval?.toMilliseconds() ?? DEFAULT_ADVERT_MS;
    return Math.max(5, Math.ceil(4 * advertMs / 1000) + 1);
  }
}

/** The hand-over reads the verdicts of keepalived's checkers, and writes its figures beside them. */
function engineDirectoriesOf({ counts, spreads }: HandoverWishes): Sidecar['engineDirectories'] {
  return counts ? 'write' : spreads ? 'read' : undefined;
}
