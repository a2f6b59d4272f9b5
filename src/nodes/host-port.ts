// a port on a node's own network
import { canonicalAddress, checkLoopback } from '../validation/addresses';
import { throwIfAny } from '../validation/problem';
import { validateCall } from '../validation/shapes';
import { checkPort } from '../validation/values';

/**
 * A TCP port on the host network.
 */
export class HostPort {
  /**
   * A TCP port on every address of the node.
   *
   * @param port 1 to 65535.
   * @throws port-out-of-range
   */
  public static tcp(port: number): HostPort {
    validateCall('HostPort.tcp', { port });
    return new HostPort(port);
  }

  /**
   * A TCP port on a loopback address of the node only.
   *
   * @param port 1 to 65535.
   * @param address `127.0.0.1` or `::1`.
   * @throws port-out-of-range, address-not-loopback
   */
  public static loopback(port: number, address: string = '127.0.0.1'): HostPort {
    validateCall('HostPort.loopback', { port, address });
    throwIfAny(checkLoopback('address', address), 'HostPort.loopback()');
    return new HostPort(port, canonicalAddress(address));
  }

  private constructor(
    /** 1 to 65535. */
    public readonly port: number,
    /** The address on which it listens; absent: every address of the node. */
    public readonly address?: string,
  ) {
    throwIfAny(checkPort('port', port), `HostPort.${address === undefined ? 'tcp' : 'loopback'}()`);
  }

  /**
   * `443`, `127.0.0.1:15000`, or `[::1]:15000`.
   */
  public toString(): string {
    if (this.address === undefined) {
      return `${this.port}`;
    }
    return this.address.includes(':') ? `[${this.address}]:${this.port}` : `${this.address}:${this.port}`;
  }
}
