// the way out of two addresses with one VRID

/** Says which VRID to use instead of a taken one: the next one that is free, and 1 after 255. */
export function fixOfVrid(taken: number, isTaken: (vrid: number) => boolean): string {
  const others = Array.from({ length: 254 }, (_, step) => (taken + step) % 255 + 1);
  const free = others.find(vrid => !isTaken(vrid));
  return free === undefined
    ? 'use fewer virtual addresses: all 255 VRIDs are taken'
    : `give one of them a VRID that nothing else on the network has, such as: VirtualAddress.of(address, { vrid: ${free} })`;
}
