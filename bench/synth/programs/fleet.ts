// N sites of an HA edge, one folder each: what a user of the library runs
import { makeFleet } from '../fleet';

makeFleet(Number(process.argv[2])).synth();
