import { App } from 'cdk8s';
import { EdgeChart } from './edge';

const app = new App();
new EdgeChart(app, 'edge');
app.synth();
