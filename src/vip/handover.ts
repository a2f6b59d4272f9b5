// the choice of what happens to open connections when a virtual address moves
import type { ContainerResources } from 'cdk8s-plus-27';
import { throwIfAny } from '../validation/problem';
import type { Problem } from '../validation/problem';
import { validateCall } from '../validation/shapes';
import { checkThat } from '../validation/values';
import { checkWorkloadOptions } from '../workload/workload-options';

/**
 * Options for `Handover.seamless()`.
 */
export interface SeamlessHandoverOptions {
  /**
   * Image of the container: it needs `/bin/sh`, and the programs nft, ip, ss and ping (of iputils).
   *
   * Without one of the programs, the container logs this, and the address moves as with `PLAIN`. Without a shell it does
   * not start, and the pod is not ready: `proxyv2` with `-distroless` in its tag has none.
   *
   * @default - Istio's `proxyv2`, pinned by tag
   */
  readonly image?: string;

  /**
   * CPU and memory of the container. What you give replaces the default as a whole.
   *
   * @default - requests of 100m CPU and 32 MiB of memory, and a limit of 64 MiB
   */
  readonly resources?: ContainerResources;

  /**
   * Whether all healthy nodes serve the addresses: each new connection goes to one of them.
   *
   * The holder of an address passes packets of clients on to the node that has the connection, and that node answers the clients
   * directly. If a node dies, only its own connections break. Bytes from clients still pass the holder.
   *
   * @default false
   */
  readonly spreadConnections?: boolean;
}

/**
 * What happens to open connections when a virtual address moves to another node.
 */
export class Handover {
  /**
   * The next holder resets them, because it does not know them. Clients connect again.
   */
  public static readonly PLAIN = new Handover(false, {});

  /**
   * They stay open. The next holder passes their packets on to the node that has them.
   *
   * A second container in keepalived's pod does this with nftables and a routing rule. It needs NET_ADMIN and NET_RAW.
   *
   * - The nodes are listed with `EdgeNodes.of()`, and each has an address of each family that moves.
   * - The virtual addresses are on the interface of the nodes' own addresses.
   * - Linux 5.16 or newer. If the kernel or the image lacks something, the container logs this, and the address moves as
   *   with `PLAIN`.
   * - TCP only. A connection of a node that is down is reset within two seconds.
   *
   * @see https://github.blog/engineering/infrastructure/glb-director-open-source-load-balancer/
   */
  public static readonly SEAMLESS = new Handover(true, {});

  /**
   * The same as `SEAMLESS`, with options.
   *
   * @param options Image and resources of the container, and whether all nodes serve the addresses.
   * @throws image-invalid, handover-image-distroless, size-not-whole
   */
  public static seamless(options: SeamlessHandoverOptions = {}): Handover {
    validateCall('Handover.seamless', { options });
    throwIfAny([...checkWorkloadOptions(options), ...checkShell(options)], 'Handover.seamless()');
    return new Handover(true, options);
  }

  private constructor(
    /** @internal */
    public readonly _isSeamless: boolean,
    /** @internal */
    public readonly _options: SeamlessHandoverOptions,
  ) {}
}

/** A container without a shell does not start, and its pod never becomes ready. */
function checkShell({ image }: SeamlessHandoverOptions): Problem[] {
  return checkThat(!image?.includes('distroless'), {
    code: 'handover-image-distroless',
    what: 'image has no shell',
    got: image,
    fix: 'give an image with /bin/sh, nft, ip, ss and ping, such as proxyv2 without -distroless',
  });
}
