#!/bin/sh
# Installs what the benchmarks compare with, on Debian 12. Nothing else of skyvox needs it; configure again afterwards.
set -eu
[ "$(id -u)" = 0 ] || { echo "install-peers.sh: run it as root"; exit 2; }
apt-get update
apt-get install -y --no-install-recommends g++ libopencv-dev
