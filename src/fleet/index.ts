// similar edges in many places. Makes it possible to write:
//
//   const fleet = new EdgeFleet();
//   stores.forEach(store => fleet.addSite(store.name, { makeCharts: app => makeEdge(new Chart(app, 'edge'), store) }));
//   fleet.synth();
export { EdgeFleet } from './edge-fleet';
export type { EdgeFleetProps, IEdgeSite } from './edge-fleet';
