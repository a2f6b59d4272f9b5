// an address that moves between nodes, and its VRID
import { addressBytes, canonicalAddress, checkAddress, checkAddressOf, familyOf } from '../validation/addresses';
import { throwIfAny } from '../validation/problem';
import { validateCall } from '../validation/shapes';
import { checkInteger, checkInterface, checkThat } from '../validation/values';

/**
 * Options for `VirtualAddress.of()`.
 */
export interface VirtualAddressOptions {
  /**
   * IPv6 address that moves with the IPv4 address.
   *
   * @default - none
   */
  readonly ipv6Address?: string;

  /**
   * Virtual router id (VRID), 1 to 255.
   *
   * It must be unique on the layer-2 segment, routers and other clusters included.
   *
   * @default - the last octet of an IPv4 address, 255 for 0; the last 16 bits of an IPv6 address modulo 255, plus 1
   * @see https://www.rfc-editor.org/rfc/rfc9568#section-5.2.3
   */
  readonly vrid?: number;

  /**
   * Interface that carries the address, if it is not the interface of the nodes' own addresses.
   *
   * It can be a VLAN, for example. Every node needs an address of its own on it: without one, the kernel removes all
   * routes over the interface when the virtual address leaves. A node whose interface is down does not hold the address.
   *
   * @default - `networkInterface` of the node, or that of the `KeepalivedVip`
   */
  readonly networkInterface?: string;

  /**
   * Hostname of the node that should hold the address while it is healthy. Turns preemption on.
   *
   * `spread` then does not place this address.
   *
   * @default - none
   */
  readonly preferredNode?: string;
}

/**
 * A virtual IP address. One healthy node holds it at a time.
 */
export class VirtualAddress {
  /**
   * Makes a virtual address.
   *
   * @param address IPv4 or IPv6 without prefix length. keepalived adds it as /32 or /128.
   * @param options VRID, interface and more.
   * @throws address-invalid, address-unusable, address-family, vrid-out-of-range, interface-invalid
   */
  public static of(address: string, options: VirtualAddressOptions = {}): VirtualAddress {
    validateCall('VirtualAddress.of', { address, options });
    const problems = checkAddress('virtual address', address);
    throwIfAny(problems.length > 0 ? problems : [
      ...(options.ipv6Address === undefined ? [] : [
        ...checkAddressOf('ipv6', 'ipv6Address', options.ipv6Address),
        ...checkThat(familyOf(address) === 'ipv4', {
          code: 'address-family',
          what: 'ipv6Address needs an IPv4 virtual address beside it',
          got: address,
          fix: 'give an IPv4 address with ipv6Address, or make two virtual addresses',
        }),
      ]),
      ...(options.vrid === undefined ? [] : checkInteger('vrid-out-of-range', 'vrid', options.vrid, 1, 255)),
      ...(options.networkInterface === undefined ? [] : checkInterface('networkInterface', options.networkInterface)),
    ], 'VirtualAddress.of()');
    return new VirtualAddress(canonicalAddress(address), {
      ...options,
      ipv6Address: options.ipv6Address === undefined ? undefined : canonicalAddress(options.ipv6Address),
    });
  }

  /**
   * The IPv6 address that moves with an IPv4 address, if there is one.
   */
  public readonly ipv6Address?: string;

  /**
   * Virtual router id (VRID), 1 to 255.
   */
  public readonly vrid: number;

  /**
   * Interface that carries the address, if one is named.
   */
  public readonly networkInterface?: string;

  /**
   * Hostname of the node that should hold the address, if one is preferred.
   */
  public readonly preferredNode?: string;

  private constructor(
    /** The address in its canonical form. */
    public readonly address: string,
    options: VirtualAddressOptions,
  ) {
    this.ipv6Address = options.ipv6Address;
    this.vrid = options.vrid ?? defaultVrid(address);
    this.networkInterface = options.networkInterface;
    this.preferredNode = options.preferredNode;
  }

  /**
   * Whether the address itself is IPv6.
   */
  public get isIpv6(): boolean {
    return familyOf(this.address) === 'ipv6';
  }

  /**
   * The address, and the IPv6 address that moves with it if there is one.
   */
  public get addresses(): string[] {
    return this.ipv6Address === undefined ? [this.address] : [this.address, this.ipv6Address];
  }
}

/** Depends only on the address, so that a further virtual address does not change it. */
function defaultVrid(address: string): number {
  const bytes = addressBytes(address);
  const [high, low] = bytes.slice(-2);
  return bytes.length === 4 ? low || 255 : (high * 256 + low) % 255 + 1;
}
