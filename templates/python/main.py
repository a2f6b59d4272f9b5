from cdk8s import App

from edge import EdgeChart

app = App()
EdgeChart(app, "edge")
app.synth()
