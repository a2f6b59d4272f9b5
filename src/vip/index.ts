// virtual addresses that move between nodes:
//
//   const vip = new KeepalivedVip(chart, 'vip', { nodes, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] });
//   vip.track(front);
export { Handover } from './handover';
export type { SeamlessHandoverOptions } from './handover';
export { KeepalivedVip } from './keepalived-vip';
export type { KeepalivedVipOptions, KeepalivedVipProps } from './keepalived-vip-props';
export { VirtualAddress } from './virtual-address';
export type { VirtualAddressOptions } from './virtual-address';
