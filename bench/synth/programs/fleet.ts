// N sites of an HA edge, one folder each, with the library's EdgeFleet
import { makeFleet } from '../fleet';

makeFleet(Number(process.argv[2])).synth();
