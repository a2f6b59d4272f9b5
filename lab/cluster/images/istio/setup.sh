#!/bin/sh
# runs in the image: the user that Istio's base image has
set -e
useradd --create-home --uid 1337 istio-proxy
