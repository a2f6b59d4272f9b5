#!/bin/sh
# runs in the image: the public one is Alpine, so the shell and wget are BusyBox's, and nothing may lean on bash or perl
set -e
rm -f /usr/bin/bash /usr/bin/rbash /usr/bin/perl*
for applet in wget nc; do ln -sf busybox "/usr/bin/$applet"; done
if [ "$ENGINES" = newest ]; then
  # as Debian has it: /bin is a link to /usr/bin
  ln -sf busybox /usr/bin/sh
else
  # as Alpine has it: /bin is a folder, and the shell is there only
  rm /bin /usr/bin/sh
  mkdir /bin
  ln -s /usr/bin/busybox /bin/sh
fi
